"""Film: a training recorded in any loop goes wherever a run goes."""

import numpy as np
import pytest
from networks import rings
from PIL import Image

import unknot as uk
from unknot import UnknotError, UsageError
from unknot.network.mlp import MLP
from unknot.traces.recorded import Recorded


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
    from unknot.views.films.training_view import NetworkPath

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


def test_points_keep_their_shape_and_type(torch):
    nn = torch.nn
    rng = np.random.default_rng(0)
    images = rng.normal(size=(60, 1, 6, 6)).astype(np.float32)
    words = rng.integers(0, 9, (60, 4))
    y = np.arange(60) % 3
    torch.manual_seed(0)
    readers = [
        (images, nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))),
        (words, nn.Sequential(nn.Embedding(9, 2), nn.Flatten(), nn.Linear(8, 3))),
    ]
    for x, net in readers:
        film = uk.Film((x, y))
        film.record(net, step=0)
        traced, expected = uk.trace(film.run()), uk.trace(net, (x, y))
        for a, b in zip(traced.representations, expected.representations, strict=True):
            np.testing.assert_array_equal(a.values, b.values)


def test_of_many_points_some_are_kept_with_their_shape(torch, monkeypatch):
    monkeypatch.setattr("unknot.record.film.MOST_POINTS", 30)
    x = np.arange(800, dtype=np.float32).reshape(100, 2, 4)
    film = uk.Film((x, np.arange(100) % 2))
    film.record(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(8, 1)), step=0)
    watched = uk.trace(film.run()).representations[0].values
    assert watched.shape == (30, 8)
    assert {tuple(row) for row in watched} <= {tuple(row) for row in x.reshape(100, 8)}


class Hidden:
    """A model whose relu torch.fx cannot follow: it is told by its values, or not at all."""

    @staticmethod
    def make(torch, function):
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.up, self.out = torch.nn.Linear(2, 4), torch.nn.Linear(4, 1)

            def forward(self, x):
                if x.shape[0] == 0:
                    raise ValueError
                return self.out(function(self.up(x)))

        torch.manual_seed(0)
        return Net()


@pytest.mark.parametrize("shifted", [[0], [1, 2], [3]], ids=["first", "middle", "last"])
def test_a_map_that_is_not_told_at_every_moment(torch, tmp_path, shifted):
    """Where all its inputs are positive, relu changes nothing."""
    net = Hidden.make(torch, torch.relu)
    film = uk.Film(rings(200), head="sigmoid")
    before = net.up.bias.detach().clone()
    for step in range(4):
        with torch.no_grad():
            net.up.bias.copy_(before + 20 * (step in shifted) + step / 10)
        film.record(net, step=step)
    run = film.run()
    assert all(isinstance(c.model, MLP) for c in run.checkpoints)
    assert run.checkpoints[0].model.layers[0].activation == "relu"
    for c, expected in zip(run.checkpoints, [0, 1, 2, 3], strict=True):
        np.testing.assert_allclose(
            c.model.layers[0].bias, before + 20 * (expected in shifted) + expected / 10, rtol=1e-6
        )
    uk.animate(run, tmp_path / "t.gif", along="training", fps=5, seconds=1, size=(400, 300))


def test_a_map_that_is_another_at_another_moment_is_opaque(torch, tmp_path):
    """relu up to 6, which is reached at one moment only; torch.fx cannot look into it."""

    def bent_again(z):
        return z.relu() - (z - 6).relu() / 2 if float(z.sum()) < 1e9 else z

    net = Hidden.make(torch, bent_again)
    film = uk.Film(rings(200), head="sigmoid")
    for step in range(3):
        film.record(net, step=step)
        with torch.no_grad():
            net.up.weight.mul_(4)
    run = film.run()
    kinds = [[type(m).__name__ for _, m in c.model.maps()] for c in run.checkpoints]
    assert kinds == [["Affine", "Opaque", "Affine", "Activation"]] * 3
    names = [[r.name for r in c.model.trace.representations] for c in run.checkpoints]
    assert names[0] == names[1] == names[2]
    np.testing.assert_allclose(
        run.checkpoints[0].model.trace.probabilities.sum(axis=1), 1, rtol=1e-6
    )
    uk.animate(run, tmp_path / "t.gif", along="training", fps=5, seconds=1, size=(400, 300))


def test_a_ceiling_is_read_also_where_no_point_reaches_it(torch):
    net = Hidden.make(torch, lambda z: z.clamp(0, 6))
    film = uk.Film(rings(200), head="sigmoid")
    for step in range(3):
        film.record(net, step=step)
        with torch.no_grad():
            net.up.weight.mul_(4)
    functions = [c.model.layers[0].activation for c in film.run().checkpoints]
    assert functions == ["relu6"] * 3


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


def test_a_step_without_finite_outputs_is_named_and_what_was_before_is_kept():
    film = uk.Film(rings(20))
    diverged = [lambda x: x * np.inf, lambda x: x]
    for step, kept in ((3, "The film is empty"), (1_500, "film.run() has the 1 moment before it")):
        with pytest.raises(UnknotError) as error:
            film.record(diverged, step=step)
        assert not isinstance(error.value, UsageError)
        assert str(error.value) == (
            f"The training diverged by step {step:,}: Representation 'function 1' has NaN or "
            f"infinity in 20 of 20 rows.\n{kept}; lower the learning rate."
        )
        film.record([lambda x: 2 * x, lambda x: x - 1], step=10) if step == 3 else None
    assert len(film.run().checkpoints) == 1


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
@pytest.mark.parametrize("batches_a_step", [1, 4])
def test_the_lightning_callback(torch, tmp_path, batches_a_step):
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
    batches = torch.utils.data.DataLoader(pairs, batch_size=32)
    options = {
        "max_epochs": 2,
        "accumulate_grad_batches": batches_a_step,
        "accelerator": "cpu",
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "default_root_dir": tmp_path,
    }
    module = Lit()
    lightning.Trainer(callbacks=[film.lightning_callback()], **options).fit(module, batches)
    run = film.run()
    assert run.checkpoints[0].step == 0
    assert run.checkpoints[-1].step == 16 / batches_a_step
    assert run.checkpoints[-1].epoch == 2
    assert len(run.history.loss) == 2
    # A second training of the same film goes on counting.
    lightning.Trainer(callbacks=[film.lightning_callback()], **options).fit(module, batches)
    run = film.run()
    assert run.checkpoints[-1].step == 32 / batches_a_step
    assert run.checkpoints[-1].epoch == 4
    epochs = [c.epoch for c in run.checkpoints]
    assert epochs == sorted(epochs)
    assert len(run.history.loss) == 4


def logits_film(torch, data, steps=3, **options):
    film = uk.Film(data, **options)
    return trained(torch, film, dense(torch), data, steps)


def test_classes_without_probabilities_have_no_curve_and_the_advice_that_fits(torch):
    from unknot.views.films.training import TrainingFilm
    from unknot.views.films.training_view import TrainingView

    data = rings(200)
    film = TrainingFilm(TrainingView(logits_film(torch, data)), 2, 480, 360)
    words = film.words(1)
    assert words.title == "step 3"
    assert words.sentence == (
        "rings: no accuracy without probabilities; Film(…, head='sigmoid') adds them to logits"
    )
    assert film.draw(0).shape == (360, 480, 4)
    film = logits_film(torch, data, head="sigmoid", steps_per_epoch=2)
    words = TrainingFilm(TrainingView(film), 2, 480, 360).words(1)
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
