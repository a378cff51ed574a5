"""Film: a training recorded in any loop goes wherever a run goes."""

import numpy as np
import pytest
from networks import rings
from PIL import Image

import unknot as uk
from unknot import UnknotError, UsageError
from unknot.mlp import MLP
from unknot.recorded import Recorded


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def trained(torch, film, net, data, steps=30):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    x, y = torch.tensor(data.x), torch.tensor(data.y, dtype=torch.float32)[:, None]
    for step in range(steps + 1):
        if film.is_due(step) or step == steps:
            film.record(net, step=step)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 9:
            film.log(loss=loss.item())
    return film.run()


def dense(torch):
    torch.manual_seed(0)
    nn = torch.nn
    return nn.Sequential(
        nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 2), nn.Linear(2, 1)
    )


def opaque(torch):
    torch.manual_seed(0)
    nn = torch.nn
    return nn.Sequential(nn.Linear(2, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 1))


@pytest.mark.parametrize(("make", "kind"), [(dense, MLP), (opaque, Recorded)])
def test_a_film_goes_wherever_a_run_goes(torch, tmp_path, make, kind):
    data = rings(1_200)
    film = uk.Film(data, steps_per_epoch=10, head="sigmoid")
    net = make(torch)
    run = trained(torch, film, net, data)
    assert isinstance(run.model, kind)
    steps = [c.step for c in run.checkpoints]
    assert steps[:5] == [0, 1, 2, 3, 4]
    assert steps[-1] == 30
    assert run.checkpoints[-1].epoch == 3
    assert len(run.history.loss) == 3
    # The trace of a moment is that of the model at that moment.
    last = uk.trace(run, checkpoint=0)
    assert last.name == "rings, before training"
    now = uk.trace(make(torch), data, head="sigmoid")
    np.testing.assert_allclose(
        last.representations[-1].values, now.representations[-1].values, atol=1e-5
    )
    path = uk.animate(run, tmp_path / "t.gif", along="training", fps=5, seconds=1, size=(400, 300))
    with Image.open(path) as image:
        assert image.n_frames == 5
    uk.animate(run, tmp_path / "l.gif", fps=5, seconds=1, size=240)
    table = uk.measure(run, measures=["fisher_ratio"])
    assert table["epoch"].n_unique() == len(steps)
    for what in ("training", "heatmap", "strip", "diagram"):
        uk.save_figure(uk.figure(run, what=what), tmp_path / f"{what}.png")
    uk.save(run, tmp_path / "run.safetensors")
    again = uk.load(tmp_path / "run.safetensors")
    assert [c.step for c in again.checkpoints] == steps
    for a, b in zip(uk.trace(again).representations, uk.trace(run).representations, strict=True):
        np.testing.assert_array_equal(a.values, b.values)


def test_between_recorded_moments_values_are_interpolated(torch):
    from unknot.views.animation.network_path import NetworkPath

    data = rings(100)
    film = uk.Film(data)
    net = opaque(torch)
    run = trained(torch, film, net, data, steps=2)
    path = NetworkPath(run)
    assert path.interpolates == "values"
    a, b = (c.model.trace.representations[2].values for c in run.checkpoints[:2])
    middle = path.at(0.5).trace.representations[2].values
    np.testing.assert_allclose(middle, (a + b) / 2, rtol=1e-5, atol=1e-6)


def test_bare_encoders_and_regression(torch, tmp_path):
    data = rings(200)
    film = uk.Film((data.x, data.x[:, 0] * 0.5))
    run = trained(torch, film, dense(torch), data, steps=3)
    assert run.data.task == "regression"
    uk.animate(run, tmp_path / "t.gif", along="training", fps=5, seconds=1, size=(400, 300))


def test_errors(torch):
    data = rings(50)
    film = uk.Film(data)
    net = dense(torch)
    with pytest.raises(UsageError) as caught:
        film.run()
    assert str(caught.value) == (
        "The film is empty.\nCall film.record(model, step=…) while the model is trained."
    )
    film.record(net, step=3)
    with pytest.raises(UsageError) as caught:
        film.record(net, step=3)
    assert str(caught.value) == (
        "Step 3 does not come after step 3, which was recorded last.\n"
        "Count steps over the whole training, not within an epoch."
    )
    with pytest.raises(UnknotError) as caught:
        film.record(net[:1], step=4)
    assert str(caught.value) == (
        "The network has other layers than at step 3: layer 0.\nRecord one film a network."
    )
    with pytest.raises(UsageError) as caught:
        film.log(auc=0.5)
    assert str(caught.value) == (
        "Unknown metric 'auc'.\nAllowed: loss, accuracy, validation_loss, validation_accuracy."
    )
    with pytest.raises(UsageError) as caught:
        uk.Film(data, steps_per_epoch=0)
    assert str(caught.value) == "steps_per_epoch is a number of 1 or more; got 0."


def test_other_points_of_a_recorded_network(torch):
    data = rings(100)
    film = uk.Film(data)
    film.record(opaque(torch), step=0)
    with pytest.raises(UsageError) as caught:
        uk.trace(film.run(), rings(100, seed=1))
    assert str(caught.value) == (
        "What this network makes of its 100 points was recorded; of others it is not known.\n"
        "Trace the model itself, or record a film of those points."
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_lightning_callback(torch, tmp_path):
    lightning = pytest.importorskip("lightning.pytorch")
    data = rings(256)
    film = uk.Film(data)

    class Lit(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = dense(torch)

        def forward(self, x):
            return self.net(x)

        def training_step(self, batch, index):
            x, y = batch
            loss = torch.nn.functional.binary_cross_entropy_with_logits(self(x)[:, 0], y)
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=0.05)

    pairs = torch.utils.data.TensorDataset(torch.tensor(data.x), torch.tensor(data.y).float())
    lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        callbacks=[film.lightning_callback()],
    ).fit(Lit(), torch.utils.data.DataLoader(pairs, batch_size=32))
    run = film.run()
    assert run.checkpoints[0].step == 0
    assert run.checkpoints[-1].step == 16
    assert run.checkpoints[-1].epoch == 2
    assert len(run.history.loss) == 2


def logits_film(torch, data, steps=3, **options):
    film = uk.Film(data, **options)
    return trained(torch, film, dense(torch), data, steps)


def test_classes_without_probabilities_have_no_curve_and_the_advice_that_fits(torch):
    from unknot.views.animation.training import TrainingFilm
    from unknot.views.animation.training_view import TrainingView

    data = rings(200)
    film = TrainingFilm(TrainingView(logits_film(torch, data)), 2, 480, 360)
    words = film.words(1)
    assert words.title == "step 3"
    assert words.sentence == (
        "rings: no accuracy without probabilities; Film(…, head='sigmoid') adds them to logits"
    )
    assert film.draw(0).shape == (360, 480, 4)
    told = logits_film(torch, data, head="sigmoid", steps_per_epoch=2)
    words = TrainingFilm(TrainingView(told), 2, 480, 360).words(1)
    assert words.title == "epoch 1.50 · step 3"
    assert words.sentence.startswith("rings: loss 0.")
    # Points without labels: nothing to be right about.
    bare = uk.Film(data.x)
    bare.record(dense(torch), step=0)
    bare.record(dense(torch), step=1)
    assert TrainingFilm(TrainingView(bare.run()), 2, 480, 360).words(1).sentence == "data"


def test_time_is_in_steps_where_nobody_said_what_an_epoch_is(torch):
    run = logits_film(torch, rings(50))
    assert run.clock == "step"
    assert uk.trace(run, checkpoint=1).name == "rings, step 1"
    assert logits_film(torch, rings(50), steps_per_epoch=3).clock == "epoch"
    assert uk.fit(rings(50), hidden=[2], epochs=2, batch_size=50, seed=0).clock == "epoch"


def test_a_film_without_history_says_how_to_log(torch):
    film = uk.Film(rings(50))
    film.record(dense(torch), step=0)
    with pytest.raises(UsageError) as caught:
        uk.figure(film.run(), what="training")
    assert str(caught.value) == (
        "The film has no history to draw: no loss was logged while it was recorded.\n"
        "In the training loop, call film.log(loss=…, accuracy=…) once an epoch."
    )
