"""Two dozen of the real models; ``make models`` runs them all."""

import pytest
import real_models

pytestmark = [
    pytest.mark.slow,
    # Libraries' own warnings at first use are not ours to answer for.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
#: Without packages beside those that the tests need anyway.
PLAIN = (
    *("TransformerEncoder", "convolutions", "LSTM", "residual blocks", "encoder and decoder"),
    *("logistic regression", "perceptron", "splines", "dense", "residual"),
    *("residual perceptron", "MobileNet"),
)
DOZEN = (
    *("squeezenet1_1", "vision transformer", "swin", "timm resnet10t", "timm vit_tiny"),
    *("timm convnext_atto", "BERT", "GPT-2", "Llama", "ViT", "ConvNeXt"),
)


@pytest.mark.parametrize("name", PLAIN + DOZEN)
def test_a_trace_is_what_the_model_makes(name):
    pytest.importorskip(real_models.MODELS[name].library)
    outcome = real_models.outcome_of(name)
    assert len(outcome.inner) == 3
    assert outcome.holds, outcome
