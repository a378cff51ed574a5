/** Page: where everything stands. */

import type { Outline } from "./controls/pointer";
import { type Exports, exportMenu } from "./export/menu";
import { makeBoard } from "./panels/board";
import { comparePanel } from "./panels/compare";
import { confusionPanel } from "./panels/confusion";
import { dataPanel } from "./panels/data_panel";
import { h, iconButton, svg, write } from "./panels/dom";
import { helpSheet } from "./panels/help";
import { learningPanel } from "./panels/learning";
import { legend } from "./panels/legend";
import { lessonsPanel } from "./panels/lessons";
import { networkPanel } from "./panels/network";
import { networkEditor } from "./panels/network_editor";
import { Overlay } from "./panels/overlay";
import { pairsGrid } from "./panels/pairs";
import type { Host, Now, Panel } from "./panels/panel";
import { hideParts } from "./panels/parts";
import { predictionsPanel } from "./panels/predictions";
import { readout } from "./panels/readout";
import { selectedTable } from "./panels/selected";
import { selectionPanel } from "./panels/selection";
import { explanation } from "./panels/sentence";
import { openStarts, STARTS } from "./panels/starts";
import { timeline } from "./panels/timeline";
import { training } from "./panels/training";
import { trainingTab } from "./panels/training_tab";
import { viewControls } from "./panels/view_controls";
import { openWidths } from "./panels/widths";
import { css, type Theme } from "./theme/colours";
import styles from "./theme/style.css";
import { fit } from "./words";

export interface Page {
  readonly canvas: HTMLCanvasElement;
  readonly overlay: Overlay;
  readonly picture: HTMLElement;
  readonly tip: HTMLElement;
  readonly root: HTMLElement;
  update(now: Now): void;
  setTheme(theme: Theme): void;
  say(text: string): void;
  /** Open a sheet of many trainings. */
  search(name: string): void;
  /** The one that is open. */
  searched(): string | undefined;
  toggleHelp(): void;
  /** Whether it was open. */
  closeHelp(): boolean;
  isHelpOpen(): boolean;
  focusSearch(): void;
  openTable(): void;
  /** Whether it was open. */
  closeTable(): boolean;
  drawOutline(outline: Outline | null): void;
  /** Paper has another size: the picture of the canvas and what lies over it are scaled alike. Null ends it. */
  print(address: string | null): void;
  /** Text of an SVG in place of the canvas. */
  showStandIn(text: string): void;
  remove(): void;
}

/** Pixels under which a picture has no room for a sheet. */
const LOW = 360;

/** Styles of their own for an element, out of reach of the page around it. */
export function shelter(element: HTMLElement): ShadowRoot {
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren();
  // What the file has for the time until the script draws.
  element.replaceChildren();
  return root;
}

export function layOutPage(element: HTMLElement, host: Host, exports: Exports): Page {
  const { file, store } = host;
  const shadow = shelter(element);
  const canvas = h("canvas", {
    tabindex: 0,
    role: "img",
    "aria-label": `Points of ${fit(file.title, 80)} on their way through the network`,
  });
  const overlay = new Overlay();
  const tip = h("div", { class: "tip", hidden: true, role: "tooltip" });
  const said = h("div", { class: "said", role: "status", hidden: true });
  const names = ["lasso", "box"] as const;
  const tools = names.map((tool, i) =>
    iconButton(tool, i ? "Box: drag a box around points (S)" : "Lasso: drag around points (S)", () =>
      host.setTool(host.tool() === tool ? "move" : tool),
    ),
  );
  const corner = h(
    "div",
    { class: "corner" },
    iconButton("home", "Reset the view (0)", () => host.resetView()),
    ...tools,
  );
  const lasso = svg("svg", { class: "overlay", "aria-hidden": "true" });
  // A canvas of WebGL is blank on paper.
  let onPaper: HTMLImageElement | null = null;
  const standIn = h("div", { class: "stand-in", hidden: true });
  const pairs = pairsGrid(host);
  const board = makeBoard("Many trainings");
  const sheet = makeBoard("Selected points");
  const table = selectedTable(host, sheet);
  const searches: Readonly<Record<string, typeof openStarts>> = {
    [`${STARTS} starts`]: openStarts,
    "How wide?": openWidths,
  };
  let searched = "";
  const search = (name: string): void => {
    const studio = host.studio();
    if (!studio) return;
    searched = name;
    searches[name](host, board, studio);
  };
  const buttons = Object.keys(searches).map((name) =>
    h("button", { type: "button", onclick: () => search(name) }, name),
  );
  const picture = h(
    "div",
    { class: "picture" },
    canvas,
    standIn,
    overlay.element,
    lasso,
    corner,
    pairs.element,
    tip,
    said,
  );
  const described = file.description || file.runs.map((run) => run.header.name).join(" · ");
  // Shares are written as everywhere on the page, and no line ends between R² and its number.
  const subtitle = fit(described.replace(/(\d) %/g, "$1%"), 400).replaceAll("R² ", "R²\u00a0");
  const flipTheme = (): void => store.set({ theme: host.theme().isDark ? "light" : "dark" });
  const trainTab = host.canTrain ? trainingTab(host, buttons) : null;
  const about = h("p", { dir: "auto", title: subtitle }, subtitle);
  const head = h(
    "header",
    { class: "head" },
    h("h1", { dir: "auto", title: fit(file.title, 400) }, fit(file.title, 90)),
    about,
    file.playground ? null : trainTab?.tabs,
    h(
      "div",
      { class: "tools" },
      iconButton("close", "Leave the presenter mode (F)", () => store.set({ present: false }), "present"),
      exportMenu(exports),
      iconButton("theme", "Light or dark (D)", flipTheme),
      iconButton("help", "Keys and gestures (?)", () => host.openHelp()),
    ),
  );
  const below: Panel[] = [explanation(host), timeline(host), training(host), trainTab].filter((p) => p !== null);
  const selection = selectionPanel(host, table.open);
  const learning = host.canTrain ? learningPanel(host) : null;
  const beside: Panel[] = [
    host.canTrain ? lessonsPanel(host) : null,
    host.canTrain ? dataPanel(host) : null,
    learning,
    networkPanel(host),
    host.canTrain ? networkEditor(host) : null,
    host.canTrain ? comparePanel(host) : null,
    legend(host),
    viewControls(host),
    readout(host),
    host.run.nClasses ? confusionPanel(host) : predictionsPanel(host),
    selection,
  ].filter((p) => p !== null);
  const root = h(
    "div",
    { class: "viewer" },
    head,
    picture,
    h("div", { class: "time" }, ...below.map((p) => p.element)),
    h("aside", { class: "side", "aria-label": "Settings and numbers" }, ...beside.map((p) => p.element)),
    board.element,
    sheet.element,
  );
  let back: Element | null = null;
  const closeHelp = (): boolean => {
    if (help.hidden) return false;
    help.hidden = true;
    (back as HTMLElement | null)?.focus();
    return true;
  };
  const help = helpSheet(closeHelp);
  root.append(help);
  shadow.append(root);
  let sayTimer: ReturnType<typeof setTimeout> | undefined;
  let shownTheme: Theme | undefined;
  return {
    canvas,
    overlay,
    picture,
    tip,
    root,
    update(now) {
      const isTraining = host.studio() !== null;
      root.classList.toggle("train-tab", isTraining);
      root.classList.toggle("low", picture.clientHeight < LOW);
      root.classList.toggle("presenter", now.state.present);
      if (!isTraining) board.close();
      hideParts(root, now.state);
      write(about, isTraining ? `${fit(file.runs[0].header.name, 120)} · trained in this page` : subtitle);
      for (const panel of [...below, ...beside, pairs, table]) panel.update(now);
      tools.forEach((button, i) => button.setAttribute("aria-pressed", String(host.tool() === names[i])));
    },
    setTheme(theme) {
      if (theme === shownTheme) return;
      shownTheme = theme;
      element.dataset.theme = theme.isDark ? "dark" : "light";
      element.style.background = css(theme.background);
    },
    say(text) {
      write(said, text);
      said.hidden = false;
      clearTimeout(sayTimer);
      sayTimer = setTimeout(() => (said.hidden = true), Math.max(2_600, 55 * text.length));
    },
    closeHelp,
    isHelpOpen: () => !help.hidden,
    search,
    searched: () => (board.isOpen ? searched : undefined),
    toggleHelp() {
      if (closeHelp()) return;
      back = shadow.activeElement;
      help.hidden = false;
      help.querySelector("button")?.focus();
    },
    focusSearch: () => selection.focusSearch(),
    openTable: table.open,
    closeTable() {
      const wasOpen = sheet.isOpen;
      sheet.close();
      return wasOpen;
    },
    drawOutline(outline) {
      lasso.replaceChildren(
        ...(outline ? [svg("path", { class: "lasso", d: `M${outline.map((p) => p.join(" ")).join("L")}Z` })] : []),
      );
    },
    print(address) {
      onPaper?.remove();
      onPaper = address ? h("img", { class: "on-paper", alt: "", src: address }) : null;
      if (onPaper) canvas.after(onPaper);
      const size = `0 0 ${picture.clientWidth} ${picture.clientHeight}`;
      if (address) overlay.element.setAttribute("viewBox", size);
      else overlay.element.removeAttribute("viewBox");
    },
    showStandIn(text) {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      standIn.hidden = false;
      overlay.element.style.display = "none";
      standIn.replaceChildren(
        document.importNode(parsed, true),
        h(
          "p",
          {},
          "This browser has no WebGL2, so this is a still picture of some of the points: only the slider works.",
        ),
      );
    },
    remove: () => {
      board.close();
      shadow.replaceChildren();
    },
  };
}
