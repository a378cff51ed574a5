/** Page: where everything stands. */
import { css, type Theme } from "./theme/colours";
import styles from "./theme/style.css";
import { iconButton } from "./panels/button";
import { h, svg, write } from "./panels/dom";
import { legend } from "./panels/legend";
import type { Host, Now, Panel } from "./panels/panel";
import { readout } from "./panels/readout";
import { explanation } from "./panels/sentence";
import { fit } from "./panels/text";
import { timeline } from "./panels/timeline";
import { training } from "./panels/training";
import { viewControls } from "./panels/view_controls";

export interface Page {
  readonly canvas: HTMLCanvasElement;
  readonly overlay: SVGSVGElement;
  readonly picture: HTMLElement;
  readonly tip: HTMLElement;
  readonly root: HTMLElement;
  update(now: Now): void;
  setTheme(theme: Theme): void;
  say(text: string): void;
  openHelp(): void;
  showStandIn(): void;
  remove(): void;
}

/** Styles of their own for an element, out of reach of the page around it. */
export function shelter(element: HTMLElement): ShadowRoot {
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren();
  return root;
}

export function layOutPage(element: HTMLElement, host: Host): Page {
  const { scene, store } = host;
  const shadow = shelter(element);
  const canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": `Points of ${fit(scene.title, 80)} on their way through the network` });
  const overlay = svg("svg", { class: "overlay", "aria-hidden": "true" });
  const tip = h("div", { class: "tip", hidden: true, role: "tooltip" });
  const said = h("div", { class: "said", role: "status", hidden: true });
  const corner = h("div", { class: "corner" }, iconButton("home", "Reset the view (0)", () => host.resetView()));
  const picture = h("div", { class: "picture" }, canvas, overlay, tip, corner, said);
  const flipTheme = (): void => store.set({ theme: host.theme().isDark ? "light" : "dark" });
  const head = h(
    "header", { class: "head" },
    h("h1", { title: fit(scene.title, 400) }, fit(scene.title, 90)),
    h("p", { title: fit(scene.runs[0].header.name, 400) }, scene.runs.map((run) => fit(run.header.name, 90)).join("  ·  ")),
    h("div", { class: "tools" }, iconButton("theme", "Light or dark", flipTheme), iconButton("help", "Keys and gestures (?)", () => host.openHelp())),
  );
  const below: Panel[] = [explanation(host), timeline(host), training(host)].filter((p) => p !== null);
  const beside: Panel[] = [legend(host), viewControls(host), readout(host)];
  const root = h(
    "div", { class: "viewer" }, head, picture,
    h("div", { class: "time" }, ...below.map((p) => p.element)),
    h("aside", { class: "side" }, ...beside.map((p) => p.element)),
  );
  shadow.append(root);
  let sayTimer: ReturnType<typeof setTimeout> | undefined;
  let shownTheme: Theme | undefined;
  return {
    canvas, overlay, picture, tip, root,
    update: (now) => [...below, ...beside].forEach((panel) => panel.update(now)),
    setTheme(theme) {
      if (theme === shownTheme) return;
      shownTheme = theme;
      element.dataset["theme"] = theme.isDark ? "dark" : "light";
      element.style.background = css(theme.background);
    },
    say(text) {
      write(said, text);
      said.hidden = false;
      clearTimeout(sayTimer);
      sayTimer = setTimeout(() => (said.hidden = true), 2_600);
    },
    openHelp: () => undefined,
    showStandIn: () => undefined,
    remove: () => shadow.replaceChildren(),
  };
}
