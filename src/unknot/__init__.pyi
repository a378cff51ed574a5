# The public names and where each is defined: type checkers read this file, and so does __init__.py.
from unknot import datasets as datasets
from unknot.datasets.dataset import Dataset as Dataset
from unknot.errors import UnknotError as UnknotError
from unknot.errors import UsageError as UsageError
from unknot.measures import measure as measure
from unknot.motion.align import align as align
from unknot.motion.morph import Morph as Morph
from unknot.motion.scene import Scene as Scene
from unknot.network.maps import Activation as Activation
from unknot.network.maps import Affine as Affine
from unknot.network.maps import Opaque as Opaque
from unknot.network.maps import Softmax as Softmax
from unknot.record.film import Film as Film
from unknot.traces.representation import Representation as Representation
from unknot.traces.representation import Trace as Trace
from unknot.traces.run import Checkpoint as Checkpoint
from unknot.traces.run import Run as Run
from unknot.traces.storage import load as load
from unknot.traces.storage import save as save
from unknot.traces.tracing import trace as trace
from unknot.training import fit as fit
from unknot.views import figures as figures
from unknot.views.figures import figure as figure
from unknot.views.figures import save_figure as save_figure
from unknot.views.films import animate as animate
from unknot.views.page import page as page
from unknot.views.page import show as show
from unknot.views.page.playground import playground as playground
from unknot.width.atlas import atlas as atlas
from unknot.width.result import MinimumWidth as MinimumWidth
from unknot.width.search import minimum_width as minimum_width
from unknot.width.sweep import sweep as sweep

__version__: str
