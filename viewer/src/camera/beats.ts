/** What happens when, in words: the same as src/unknot/scene/beats.py. */
import { AlongAffine, type BeatKind } from "../morph/along_map";
import { twoDigits } from "../panels/numbers";
import type { View } from "./view";

const ACTIVATION_SENTENCES: Readonly<Record<string, string>> = {
  relu: "negative values become 0: space folds onto the axes",
  leaky_relu: "negative values shrink to a hundredth: space creases",
  tanh: "values are squeezed smoothly into −1 … 1",
  sigmoid: "values are squeezed smoothly into 0 … 1",
  gelu: "negative values fade to 0, with a small dip",
  silu: "negative values fade to 0, with a small dip",
  softplus: "negative values fade smoothly to 0",
  elu: "negative values level off smoothly at −1",
  sin: "values are wrapped into waves",
  linear: "nothing changes",
};

export interface SceneBeat {
  readonly kind: BeatKind;
  /** In t. */
  readonly start: number;
  readonly stop: number;
  readonly layer: string;
  readonly title: string;
}

/** Everything that happens, in order. */
export function beatsOf(view: View): SceneBeat[] {
  const { maps } = view.moment.run.header;
  return maps.flatMap((map, k) =>
    view.transition(k).beats.map(({ kind, start, stop }) => ({
      kind,
      start: k + start,
      stop: k + stop,
      layer: map.name,
      title: kind === "activation" ? map.name : `${map.name}: ${kind}`,
    })),
  );
}

/** What happens during a beat, for a reader who sees it for the first time. */
export function sentence(view: View, beat: SceneBeat): string {
  if (beat.kind === "activation") return ACTIVATION_SENTENCES[beat.layer] ?? "each unit is bent by itself";
  const path = view.transition(Math.floor(beat.start));
  if (path instanceof AlongAffine) return affineSentence(beat.kind, path);
  return "drawn between the ends, not the path the network takes";
}

function affineSentence(kind: BeatKind, path: AlongAffine): string {
  const { rows: nIn, columns: nOut } = path.weight;
  if (kind === "look") return "nothing moves but the view: it turns to what the layer reads";
  if (path.isReduced) return reducedSentence(kind);
  if (kind === "stretch") {
    const { sigma } = path.svd;
    if (!sigma.length) return "everything is squashed to one point";
    let factors = `×${twoDigits(sigma[0])}`;
    if (sigma.length > 1) factors = `×${twoDigits(sigma[sigma.length - 1])} to ${factors}`;
    const lost = nIn - sigma.length;
    const killed = lost ? `; ${lost} direction${lost > 1 ? "s" : ""} lost` : "";
    return `stretched ${factors} along its own directions${killed}`;
  }
  if (kind === "turn") {
    if (path.isTurnedOver) return "turned over through an extra axis: the map mirrors";
    return `turned, nothing is deformed${nOut > nIn ? `, into ${nOut} units` : ""}`;
  }
  return "the bias moves the cloud as a whole";
}

/** Of some directions nothing can be said about the whole map. */
function reducedSentence(kind: BeatKind): string {
  if (kind === "stretch") return "stretched along the layer's own directions, as far as they are kept";
  if (kind === "turn") return "turned, nothing is deformed";
  return "the bias moves the cloud as a whole, and what is not kept of the layer joins in";
}

/** What must be said about the way from representation k to the next. */
export function transitionNotes(view: View, k: number): string[] {
  const path = view.transition(k);
  const name = view.moment.run.header.maps[k].name;
  if (path instanceof AlongAffine && path.isReduced) return reductions(view, k, k + 1);
  if (path instanceof AlongAffine) {
    const notes: string[] = [];
    if (path.isTurnedOver) {
      notes.push(`${name} mirrors the cloud (its determinant is negative): it is turned over through an extra axis, as a card is.`);
    }
    const smallest = path.svd.sigma.length === Math.min(path.weight.rows, path.weight.columns)
      ? path.svd.sigma[path.svd.sigma.length - 1] : 0;
    const sign = determinantSign(path);
    notes.push(`smallest singular value ${twoDigits(smallest)}${sign}`);
    return notes;
  }
  if (path.kind === "activation") return reductions(view, k, k + 1);
  view.camera.stop(k + 1);
  const residual = view.camera.residuals.get(k);
  const also = residual === undefined ? "" : ` (Procrustes residual ${residual.toFixed(2)})`;
  return [`interpolated: not the path the network takes${also}`, ...reductions(view, k, k + 1)];
}

/** What is kept of representations, where that is not all. */
export function reductions(view: View, ...places: number[]): string[] {
  const { representations } = view.moment.run.header;
  return places.flatMap((k) => {
    const { name, reduced } = representations[k];
    return reduced ? [`${name}: ${reduced}`] : [];
  });
}

function determinantSign(path: AlongAffine): string {
  const { rows, columns } = path.weight;
  if (rows !== columns) return "";
  if (path.svd.sigma.length < rows) return ", determinant zero";
  return path.isTurnedOver ? ", determinant negative" : ", determinant positive";
}
