"""
One word in two meanings
========================

The tokens "good" and "bad" of a small BERT that learnt whether a review praises. In the embedding
a word is where it stands in the sentence and nothing else, whatever came before it; attention
parts it from the same word behind a "not", and after two blocks a straight cut tells all four
apart.

``python examples/text_tokens.py [PICTURE]``

Needs ``pip install 'unknot[torch]' transformers``. The model is made from a configuration and
trained here, so nothing is fetched.
"""

import sys

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/text_tokens.png"

# Reviews of one opinion, which a "not" in front turns over: the film was really not so good.
FILLERS = ["really", "so", "very", "quite"]
SUBJECTS, VERBS, OPINIONS = ["film", "plot", "cast"], ["was", "seemed"], ["good", "bad"]
WORDS = ["[PAD]", "[CLS]", "the", "this", "not", *FILLERS, *SUBJECTS, *VERBS, *OPINIONS]
NUMBER = {word: i for i, word in enumerate(WORDS)}


def sentence(rng: np.random.Generator) -> list[str]:
    filler = list(rng.choice(FILLERS, rng.integers(0, 4)))
    if rng.random() < 0.5:
        filler.insert(int(rng.integers(len(filler) + 1)), "not")
    start = [rng.choice(["the", "this"]), rng.choice(SUBJECTS), rng.choice(VERBS)]
    return ["[CLS]", *map(str, [*start, *filler, rng.choice(OPINIONS)])]


rng = np.random.default_rng(0)
sentences = [sentence(rng) for _ in range(2_000)]
length = max(map(len, sentences))
texts = [words + ["[PAD]"] * (length - len(words)) for words in sentences]
inputs = {
    "input_ids": np.array([[NUMBER[word] for word in words] for words in texts]),
    "attention_mask": np.array([[word != "[PAD]" for word in words] for words in texts], int),
}
is_praise = np.array([("good" in words) != ("not" in words) for words in sentences], int)

torch.manual_seed(0)
torch.set_num_threads(1)  # so small a network is quickest on one
config = BertConfig(
    vocab_size=len(WORDS),
    hidden_size=32,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=64,
    max_position_embeddings=length,
)
model = BertForSequenceClassification(config)
optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
tensors = {name: torch.tensor(values) for name, values in inputs.items()}
answers = torch.tensor(is_praise)
model.train()
for _ in range(300):
    rows = torch.randint(len(texts), (64,))
    batch = {name: values[rows] for name, values in tensors.items()}
    loss = model(**batch, labels=answers[rows]).loss
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
model.eval()

# Every token is a point. Those of the opinion have a label, the others (−100) are left out.
labels = np.full((len(texts), length), -100, dtype=object)
for i, words in enumerate(sentences):
    kind = words[-1] if "not" not in words else f"not … {words[-1]}"
    labels[i, len(words) - 1] = kind

trace = uk.trace(
    model,
    ({**inputs, "tokens": texts}, labels),
    points="tokens",
    layers="blocks",
    name="good and bad, with and without a not",
)
print(trace)
uk.save_figure(uk.figure(trace), picture, dpi=110, small=True)
