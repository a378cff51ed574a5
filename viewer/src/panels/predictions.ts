/** A number to predict: prediction against target, each point in the colour of its residual. */
import { goodnessText, pairsOf } from "../model/goodness";
import type { Moment } from "../network/moment";
import { css } from "../theme/colours";
import { plain } from "../words";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** Pixels of a side, and of the border in which the numbers stand. */
const SIDE = 480;
const EDGE = 26;
/** Milliseconds without a change before the picture is made. */
const REST = 250;

export function predictionsPanel(host: Host): Panel {
  const canvas = h("canvas", { width: SIDE, height: SIDE, role: "img", style: "width:100%" });
  const about = h("div", { class: "note" });
  const element = h("section", { class: "panel", "aria-label": "Predictions", hidden: true }, canvas, about);
  element.prepend(h("h2", {}, "Predictions"));
  let key: unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    update({ instant }: Now): void {
      const next = [instant.scene.moment, host.theme()];
      if (next.every((x, i) => x === key[i])) return;
      key = next;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const said = goodnessText(instant.scene.moment);
        element.hidden = !said;
        if (!said) return;
        draw(canvas, instant.scene.moment, host);
        canvas.setAttribute("aria-label", `Prediction against target. ${said}`);
        write(about, `${said} Across: the target; up: the prediction. Orange: it is too low; blue: too high.`);
      }, REST);
    },
  };
}

function draw(canvas: HTMLCanvasElement, moment: Moment, host: Host): void {
  const paper = canvas.getContext("2d")!;
  const { rows, target, predicted } = pairsOf(moment)!;
  const { heldOut } = moment.run;
  const theme = host.theme();
  const judged = rows.some((row) => heldOut?.[row]) ? (i: number) => heldOut![rows[i]] === 1 : () => true;
  let [low, high] = [Math.min(...target), Math.max(...target)];
  // What lies far beyond the targets would make the rest a dot.
  const far = (high - low) / 2 || Infinity;
  const [least, most] = [low - far, high + far];
  for (const p of predicted) [low, high] = [Math.max(Math.min(low, p), least), Math.min(Math.max(high, p), most)];
  const span = high - low || 1;
  const at = (value: number): number => EDGE + ((value - low) / span) * (SIDE - 2 * EDGE);
  const largest = Math.max(...rows.map((_, i) => (judged(i) ? Math.abs(target[i] - predicted[i]) : 0))) || 1;
  paper.clearRect(0, 0, SIDE, SIDE);
  paper.strokeStyle = css(theme.muted);
  paper.strokeRect(1, 1, SIDE - 2, SIDE - 2);
  paper.beginPath();
  paper.moveTo(0, SIDE);
  paper.lineTo(SIDE, 0);
  paper.stroke();
  paper.fillStyle = css(theme.ink);
  paper.font = "20px sans-serif";
  paper.fillText(plain(low), 6, SIDE - 6);
  paper.textAlign = "right";
  paper.fillText(plain(high), SIDE - 6, SIDE - 6);
  for (const isJudged of [false, true]) {
    rows.forEach((_, i) => {
      if (judged(i) !== isJudged) return;
      const share = (target[i] - predicted[i]) / largest;
      paper.fillStyle = isJudged ? mixed(share) : css(theme.grid);
      paper.globalAlpha = isJudged ? 1 : 0.5;
      paper.beginPath();
      paper.arc(at(target[i]), SIDE - at(predicted[i]), isJudged ? 4 : 3, 0, 7);
      paper.fill();
    });
  }
}

/** From blue over grey to orange, as in figures. */
function mixed(share: number): string {
  const end = share < 0 ? "#3f8be0" : "#e0701a";
  return `color-mix(in srgb, ${end} ${Math.round(100 * Math.sqrt(Math.abs(share)))}%, #999)`;
}
