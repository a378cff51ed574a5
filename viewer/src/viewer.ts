/** Viewer: the state, the picture and the panels of one page file in one element. */
import { pressKey } from "./controls/keys";
import { eased, Player } from "./controls/player";
import { boxOutline, listenToPointer, type Outline, rowsInside, union } from "./controls/pointer";
import type { Sources } from "./datasets/table";
import { exportsOf } from "./export/menu";
import { type Picture, sampledPlaces, svgText } from "./export/picture";
import { type Instant, onSameAxes, RunModel } from "./model/run_model";
import type { Scene } from "./motion/scene";
import { layOutPage, type Page } from "./page";
import type { PageFile, Run } from "./page_file/page_file";
import { drawColumns, heightOf, sharedHeight } from "./panels/columns";
import { placeCard, rowCard } from "./panels/hover";
import type { Host, Now } from "./panels/panel";
import { sentenceAt } from "./panels/sentence";
import { type Rectangle, type Sight, sightOf } from "./render/sight";
import { type Scenery, Stage } from "./render/stage";
import { controls, initialState, MOST_LETTERS, type Name, type State } from "./state/controls";
import { Store } from "./state/store";
import { DARK, LIGHT, type Theme } from "./theme/colours";
import { formatWeights } from "./training/address";
import { planOf } from "./training/editing";
import { parameterCount } from "./training/engine";
import { shapeOf } from "./training/live_run";
import { firstState, samePlace, trains } from "./training/opening";
import { formatPlan } from "./training/run_of_table";
import { type Branch, differences, type Pin, pinName, Shelf } from "./training/shelf";
import { fillShelf, formatShelf } from "./training/shelf_text";
import { learningOf, NOW, Studio } from "./training/studio";
import { grouped } from "./words";

/** Seconds that a change of view takes. */
const PASSAGE = 0.9;
/** Seconds in which columns rise over a line, and by how much it sinks, in radii. */
const RISE = 0.5;
const SINK = 0.72;
/** Changes of these move points; changes of the others only redraw. */
const MOVING: readonly Name[] = [
  "t",
  "u",
  "view",
  "projection",
  "units",
  "unitsOf",
  "unitsRun",
  "colour",
  "lattice",
  "boundary",
  "shading",
  "scale",
  "tour",
  "seed",
  "trails",
  "selection",
  "hidden",
];

/** Milliseconds of a frame from which on it is slow, and without a change until the picture rests. */
const SLOW = 36;
const QUICK = 20;
/** How many slow frames are slow, and how many quick ones are quick. */
const FEW = 3;
const MANY = 40;
const REST = 130;
/** Pixels along a side of the picture, of each there usually is, while it is slow. */
const ROUGH_PIXELS = 0.75;
/** Milliseconds without a change after which another one is the first of a movement, and is drawn in full. */
const ALONE = 400;
/** And after which it may recover once more. */
const FORGET = 5_000;
/** Milliseconds between two looks of the panels at a training while it is slow. */
const PANELS = 200;
/** What draws where there is no graphics processor. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

/** Whether frames follow each other too slowly to be drawn in full. */
class Pace {
  isSlow = false;
  /** Whether the last change was one of many. */
  isMoving = false;
  private last = -FORGET;
  /** Slow frames, or quick ones while it is slow, in a row. */
  private row = 0;
  private hasRecovered = false;

  /**
   * A frame that was asked for at a time is drawn now; waiting for a hand is not slow. What goes on by
   * itself, as a training does, waits for nothing: there the time since the last frame counts.
   */
  moved(asked: number, now: number, goesOn: boolean): void {
    const gap = now - this.last;
    this.isMoving = goesOn || gap < ALONE;
    if (gap > FORGET) [this.hasRecovered, this.row] = [false, 0];
    this.last = now;
    const taken = goesOn && gap < FORGET ? gap : now - asked;
    const isOther = this.isSlow ? taken < QUICK && !this.hasRecovered : taken > SLOW;
    this.row = isOther ? this.row + 1 : 0;
    // One long frame, as the first of a shader is, says nothing. What recovers and is slow again stays rough.
    if (this.row < (this.isSlow ? MANY : FEW)) return;
    this.hasRecovered ||= this.isSlow;
    [this.isSlow, this.row] = [!this.isSlow, 0];
  }

  rests(now: number): boolean {
    return now - this.last > REST;
  }
}

export interface Options {
  readonly state?: Partial<State>;
  /** The file as it was read, where this one has an edited network or other data. */
  readonly original?: PageFile;
  /** Data to train on. */
  readonly sources?: Sources;
  /** Another viewer takes the place of this one. */
  readonly replace?: (file: PageFile, state: Partial<State>, more: Partial<Options>) => void;
  /** Other data, or another network, as the state has them now. */
  readonly reopen?: (before: Run, state: State, changed: ReadonlySet<Name>) => void;
  /** What was put aside while other networks were trained. */
  readonly shelf?: Shelf;
  /** The training that it goes on with. */
  readonly branch?: Branch | undefined;
  /** The sheet that was open over another network. */
  readonly search?: string | undefined;
}

type Events = { selection: (rows: readonly number[]) => void; change: (state: State) => void };

export class Viewer {
  readonly store: Store;
  /** Where the network can be trained: its training, once the tab was opened. */
  studio: Studio | null = null;
  readonly initial: State;
  readonly player: Player;
  sceneries: Scenery[] = [];
  /** Called after every frame, while the canvas still holds it. */
  afterDraw: (() => void) | null = null;
  tool: "move" | "lasso" | "box" = "move";
  private readonly canTrain: boolean;
  private readonly watched: readonly RunModel[];
  readonly shelf: Shelf;
  private pinned: readonly { pin: Pin; model: RunModel }[] = [];
  /** The moment that each tab was left at. */
  private readonly left = new Map<State["tab"], number>();
  private moment = 0;
  private isFilling = false;
  private branch: Branch | null;
  private readonly page: Page;
  private readonly host: Host;
  private stage: Stage | null = null;
  private lift = 0;
  private drawnZoom = 1;
  private lastFrame = 0;
  private outline: Outline | null = null;
  private passage: { from: readonly Scene[]; start: number } | null = null;
  private needsMove = true;
  private frameAsked = 0;
  private readonly pace = new Pace();
  private isChanged = false;
  /** What the panels have seen last, and when. */
  private told: { state: State | null; time: number } = { state: null, time: 0 };
  private isRough = false;
  private isWheelTold = false;
  private lit: number | null = null;
  private hovered: { x: number; y: number } | null = null;
  private readonly listeners: { [K in keyof Events]: Set<Events[K]> } = { selection: new Set(), change: new Set() };
  private readonly endings: (() => void)[] = [];

  constructor(
    readonly element: HTMLElement,
    readonly file: PageFile,
    options: Options = {},
  ) {
    const leader = file.runs[0];
    this.watched = file.runs.map((run) => new RunModel(run, leader));
    this.shelf = options.shelf ?? new Shelf();
    this.canTrain = trains(file);
    const { hide = [], predict_first: predict = false } = file.teaching ?? {};
    const taught = { hide: hide.join(","), predict };
    const learning = { ...taught, ...(this.canTrain ? { ...learningOf(leader), ...firstState(file) } : {}) };
    const view = file.nAxes === 3 ? "3d" : "2d";
    const projection = leader.header.neighbours?.n_axes === file.nAxes ? "neighbours" : "auto";
    this.initial = { ...initialState(), u: leader.lastMoment, view, projection, ...learning };
    const put = options.shelf && { shelf: formatShelf(options.shelf) };
    this.store = new Store(this.checked({ ...this.initial, ...options.state, ...put }));
    this.player = new Player(
      this.store,
      () => this.models[0],
      () => this.ask(),
    );
    this.host = {
      file,
      store: this.store,
      run: leader,
      player: this.playing(),
      canTrain: this.canTrain,
      isEdited: options.original !== undefined && options.original !== file,
      edit: (run, tab = "train") => this.edit(run, tab, options),
      sources: options.sources ?? { own: [], dropped: [] },
      take: (branch) => this.take(branch, options),
      pin: (act) => this.pin(act),
      names: () => this.names(),
      studio: () => (this.isTrainTab ? this.studio : null),
      theme: () => this.theme,
      say: (text) => this.page.say(text),
      change: (change) => this.change(change),
      resetView: () => this.resetView(),
      openHelp: () => this.toggleHelp(),
      tool: () => this.tool,
      setTool: (tool) => this.setTool(tool),
      light: (group) => {
        this.lit = group;
        this.ask();
      },
    };
    this.page = layOutPage(element, this.host, exportsOf(this));
    this.startStage();
    this.listen(options);
    this.branch = options.branch ?? null;
    if (this.isTrainTab) this.openStudio();
    this.showPins();
    this.shelf.told = () => this.noteShelf();
    if (!options.shelf) this.fillShelf(options);
    if (options.search && this.studio) this.page.search(options.search);
    this.ask();
  }

  /** The sheet of many trainings that is open. */
  get search(): string | undefined {
    return this.page.searched();
  }

  private noteShelf(): void {
    if (!this.isFilling) this.store.set({ shelf: formatShelf(this.shelf) });
  }

  /** Pins and left trainings of an address; without one they stay as they are. */
  private fillShelf({ original, sources }: Options): void {
    const { shelf: text } = this.store.state;
    const { studio } = this;
    if (!text || !studio) return;
    this.shelf.clear();
    this.isFilling = true;
    const place = { file: original ?? this.file, sources: sources ?? this.host.sources, studio, shelf: this.shelf };
    fillShelf(text, place, (nLost) => {
      this.isFilling = false;
      if (this.studio !== studio) return;
      if (nLost) this.say(`This address is damaged; left out: shelf (${nLost}).`);
      this.noteShelf();
      this.showPins();
      this.ask();
    });
  }

  /** The networks that are shown: those of the file, or the one in training and what is pinned beside it. */
  get models(): readonly RunModel[] {
    return this.isTrainTab && this.studio
      ? [this.studio.model, ...this.pinned.map(({ model }) => model)]
      : this.watched;
  }

  /** What each of them is called over its pane. */
  private names(): string[] {
    if (!this.isTrainTab || !this.studio) return this.file.runs.map((run) => run.header.name);
    return [`This one: step ${grouped(this.studio.shown.step)}`, ...this.pinned.map(({ pin }) => pinName(pin))];
  }

  /** What tells the trainings of the panes apart. */
  private details(): string[] {
    const { pinned, studio } = this;
    return studio && pinned.length ? differences([studio.own, ...pinned.map(({ pin }) => pin.branch)]) : [];
  }

  /** A change of what is pinned. */
  private pin(act: (shelf: Shelf) => void): void {
    act(this.shelf);
    this.showPins();
    this.ask();
  }

  /** The panes: a model and a painter each. */
  private showPins(): void {
    const { studio } = this;
    if (studio) {
      const before = this.pinned;
      this.pinned = this.shelf.pins.map(
        (pin) => before.find((each) => each.pin === pin) ?? { pin, model: new RunModel(pin.run, studio.run) },
      );
    }
    const isTraining = this.isTrainTab && studio !== null;
    this.stage?.show([...this.file.runs, ...(isTraining ? this.pinned.map(({ pin }) => pin.run) : [])]);
    for (const painter of this.stage?.painters ?? []) painter.select(this.store.state);
    this.passage = null;
    this.needsMove = true;
  }

  /** Go on with a training that was left: of this network, or of one before. */
  private take(branch: Branch, options: Options): void {
    const { studio } = this;
    if (!studio) return;
    studio.pause();
    if (branch.live.source === studio.run.source) {
      studio.take(branch);
      return;
    }
    this.edit(branch.live.source, "train", options, branch);
  }

  /** The first of them. */
  get leader(): Run {
    return this.models[0].run;
  }

  get(): State {
    return this.store.state;
  }

  /** Set any part of the state at once, without animation. */
  set(change: Partial<State>): void {
    this.store.set(this.checked({ ...this.store.state, ...change }));
  }

  on<K extends keyof Events>(event: K, listener: Events[K]): () => void {
    this.listeners[event].add(listener);
    return () => this.listeners[event].delete(listener);
  }

  /** Where the points of a run are shown, in units of the data: (n_points, n_axes), from the GPU. */
  positions(run = 0): Float32Array {
    this.drawNow();
    const places = this.stage!.painters[run].places();
    const { nAxes } = this.sceneries[run].instant;
    const n = this.models[run].run.nPoints;
    const result = new Float32Array(n * nAxes);
    for (let i = 0; i < n; i++) for (let a = 0; a < nAxes; a++) result[i * nAxes + a] = places[4 * i + a];
    return result;
  }

  /** Half the side of the box that is shown, and its centre. */
  extent(run = 0): { centre: readonly number[]; radius: number } {
    this.drawNow();
    return this.sceneries[run].instant.extent;
  }

  destroy(): void {
    cancelAnimationFrame(this.frameAsked);
    this.player.pause();
    this.studio?.end();
    for (const end of this.endings) end();
    // A browser keeps a handful of contexts.
    this.stage?.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.stage = null;
    this.page.remove();
  }

  get canvas(): HTMLCanvasElement {
    return this.page.canvas;
  }

  get overlay(): SVGSVGElement {
    return this.page.overlay.element;
  }

  /** The canvas, drawn this instant, with so many pixels for one of the page or more. */
  drawnCanvas(ratio = 1): HTMLCanvasElement {
    this.drawNow(ratio);
    this.ask();
    return this.page.canvas;
  }

  /** x, y, z and the colour value of every point, one array a run. */
  places(): Float32Array[] {
    this.drawNow();
    return (
      this.stage?.painters.map((painter) => painter.places()) ??
      this.sceneries.map(({ instant }) => sampledPlaces(instant))
    );
  }

  /** A title and a sentence a run. */
  words(): { what: string; why: string }[] {
    return this.sceneries.map(({ instant }) => sentenceAt(instant));
  }

  /** Everything that a saved picture shows of each run. */
  pictures(): Picture[] {
    const places = this.places();
    const { state } = this.store;
    const strokes = this.stage?.painters.map((painter, i) =>
      painter.strokes(this.sceneries[i].instant, state, this.theme),
    );
    const tint = this.stage && state.shading ? this.stage.tint(this.sceneries, state, this.theme) : null;
    this.ask();
    return this.sceneries.map((scenery, i) => ({
      scenery,
      places: places[i],
      strokes: strokes?.[i] ?? [],
      tint: i === 0 ? tint : null,
    }));
  }

  say(text: string): void {
    this.page.say(text);
  }

  setTool(tool: Viewer["tool"]): void {
    this.tool = tool;
    this.page.canvas.classList.toggle("choosing", tool !== "move");
    this.ask();
  }

  nextTool(): void {
    const next = { move: "lasso", lasso: "box", box: "move" } as const;
    this.setTool(next[this.tool]);
    this.say(
      { move: "Drag moves the picture.", lasso: "Drag around points to select them.", box: "Drag a box to select." }[
        this.tool
      ],
    );
  }

  find(): void {
    this.page.focusSearch();
  }

  openTable(): void {
    this.page.openTable();
  }

  flipTheme(): void {
    this.store.set({ theme: this.theme.isDark ? "light" : "dark" });
  }

  toggleHelp(): void {
    this.page.toggleHelp();
  }

  escape(): void {
    if (this.page.closeHelp() || this.page.closeTable()) return;
    if (this.get().pairs) this.store.set({ pairs: false });
    else if (this.tool !== "move") this.setTool("move");
    else this.store.set(this.get().selection.length ? { selection: [] } : { present: false });
  }

  get theme(): Theme {
    const { theme } = this.store.state;
    const dark = theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
    return dark ? DARK : LIGHT;
  }

  /** Numbers from an address may lie outside this file. */
  private checked(state: State): State {
    const leader = this.file.runs[0];
    const known = new Set(Object.keys(controls));
    const entries = Object.entries(state).filter(([name]) => known.has(name));
    const clean = Object.fromEntries(entries) as unknown as State;
    const within = (x: number, last: number): number => (Number.isFinite(x) ? Math.min(Math.max(x, 0), last) : last);
    const u = clean.tab === "train" ? clean.u : within(clean.u, leader.lastMoment);
    const tab = this.canTrain ? clean.tab : "watch";
    return { ...clean, tab, t: within(clean.t, leader.length), u };
  }

  private get isTrainTab(): boolean {
    return this.canTrain && this.store.state.tab === "train";
  }

  /** What panels see of the player: a training plays too, and nothing but itself pauses it. */
  private playing(): Host["player"] {
    const { player } = this;
    const training = (): "training" | null => (this.studio?.isTraining ? "training" : null);
    return {
      get playing() {
        return player.playing ?? training();
      },
      toggle: (what) => player.toggle(what),
      pause: () => player.pause(),
    };
  }

  private openStudio(): void {
    this.studio ??= Studio.of(this.file.runs[0], {
      store: this.store,
      isEdited: this.host.isEdited,
      shelf: this.shelf,
      branch: this.branch ?? undefined,
      title: this.file.title,
      wake: () => {
        this.needsMove = true;
        this.ask();
      },
      turn: (change) => this.turn(change),
    });
    this.branch = null;
    if (!this.studio) this.store.set({ tab: "watch" });
  }

  /** Another network on the same points; null is the file's own. */
  private edit(run: Run | null, tab: State["tab"], { replace, original }: Options, branch?: Branch): void {
    const { state, initial } = { state: this.store.state, initial: this.initial };
    if (!run) {
      const data = tab === "watch" ? initial.data : state.data;
      this.store.set({ data, network: "", weights: "", start: 0, trained: "", tab });
      return;
    }
    this.shelf.told = () => {};
    this.studio?.leave(0);
    const t = samePlace(this.leader, run, state.t);
    const colour = state.colour.startsWith("unit:") ? "class" : state.colour;
    const isFile = original !== undefined && run === original.runs[0];
    const network = branch?.origin.network ?? (isFile ? initial.network : formatPlan(planOf(run)));
    const origin = branch?.origin ?? {
      data: state.data,
      weights: isFile ? "" : textOfWeights(run),
      title: this.file.title,
    };
    const { data, weights, title } = origin;
    const isOther = data !== state.data;
    const other = isOther ? ({ selection: [], hidden: [], view: run.nUnits(0) === 3 ? "3d" : "2d" } as const) : {};
    const change = { t, colour, units: [], u: NOW, start: 0, trained: "", tab, network, data, weights, ...other };
    const file = isFile ? original : { ...this.file, title, runs: [run] };
    replace?.(file, { ...state, ...change }, { shelf: this.shelf, branch });
  }

  /** Each tab has a moment of its own. */
  private changeTab({ tab }: State): void {
    const other = tab === "train" ? "watch" : "train";
    this.left.set(other, this.moment);
    if (tab === "train") this.openStudio();
    this.showPins();
    this.player.pause();
    this.needsMove = true;
    this.store.set({ u: this.left.get(tab) ?? (tab === "train" ? NOW : this.file.runs[0].lastMoment) });
  }

  private startStage(): void {
    const gl = this.page.canvas.getContext("webgl2", {
      antialias: false,
      alpha: false,
      powerPreference: "high-performance",
    });
    if (!gl) return;
    const known = gl.getExtension("WEBGL_debug_renderer_info");
    this.pace.isSlow = SOFTWARE.test(String(gl.getParameter(known?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER)));
    this.stage = new Stage(gl, this.file.runs);
    this.showPins();
  }

  private listen(options: Options): void {
    const { reopen } = options;
    const { canvas } = this.page;
    this.moment = this.store.state.u;
    this.store.listen((changed, state) => {
      if (this.canTrain && (changed.has("data") || changed.has("network") || changed.has("weights"))) {
        // The next viewer tells what is left now: this one's address is that of before.
        this.shelf.told = () => {};
        this.studio?.leave(0);
        reopen?.(this.leader, state, changed);
        return;
      }
      if (changed.has("tab")) this.changeTab(state);
      if (changed.has("shelf") && state.shelf !== formatShelf(this.shelf)) this.fillShelf(options);
      this.moment = this.store.state.u;
      if (MOVING.some((name) => changed.has(name))) this.needsMove = true;
      if (changed.has("selection") || changed.has("heldOut"))
        for (const painter of this.stage?.painters ?? []) painter.select(state);
      if (changed.has("selection")) {
        for (const listener of this.listeners.selection) listener(state.selection);
      }
      for (const listener of this.listeners.change) listener(state);
      this.ask();
    });
    const print = (): void => this.page.print(this.drawnCanvas(2).toDataURL("image/png"));
    const afterPrint = (): void => this.page.print(null);
    addEventListener("beforeprint", print);
    addEventListener("afterprint", afterPrint);
    const resize = new ResizeObserver(() => this.ask());
    resize.observe(this.page.picture);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = (): void => this.ask();
    scheme.addEventListener("change", repaint);
    this.endings.push(
      () => resize.disconnect(),
      () => removeEventListener("beforeprint", print),
      () => removeEventListener("afterprint", afterPrint),
      () => scheme.removeEventListener("change", repaint),
    );
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.stage = null;
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.startStage();
      this.ask();
    });
    listenToPointer({
      store: this.store,
      canvas,
      sightAt: (x, y) => this.sightNow(x, y),
      choosing: (event) => this.tool !== "move" || (event.shiftKey && event.button === 0),
      choose: (points, done, event) => this.choose(points, done, event),
      giveUp: () => {
        this.outline = null;
        this.ask();
      },
      hover: (x, y) => {
        this.hovered = { x, y };
        this.ask();
      },
      leave: () => {
        this.hovered = null;
        this.page.tip.hidden = true;
      },
      press: (x, y, event) => this.press(x, y, event),
      passWheel: () => {
        if (!this.isWheelTold) this.say("Ctrl + wheel zooms; so does the wheel after a click on the picture.");
        this.isWheelTold = true;
      },
    });
    this.element.addEventListener("keydown", this.onKey);
    // Alone on its page the viewer hears every key; in a notebook only those meant for it.
    const alone = this.element.id === "unknot";
    if (alone) document.addEventListener("keydown", this.onKey);
    this.endings.push(() => {
      this.element.removeEventListener("keydown", this.onKey);
      document.removeEventListener("keydown", this.onKey);
    });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    // Under the open sheet nothing moves: its own keys scroll it.
    if (this.page.isHelpOpen() && event.key !== "Escape" && event.key !== "?") return;
    if (event.defaultPrevented || !pressKey(this, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  private choose(path: Outline, done: boolean, event: PointerEvent): void {
    const outline = this.tool === "box" ? boxOutline(path) : path;
    this.outline = done ? null : outline;
    if (!done) {
      this.ask();
      return;
    }
    const [x, y] = path[0];
    this.sharpen();
    const scenery = this.sceneryAt(x, y);
    if (!scenery || !this.stage) return;
    const i = this.sceneries.indexOf(scenery);
    const { run } = this.models[i];
    const { hidden, selection, alone } = this.get();
    const lit = alone && selection.length ? new Set(selection) : null;
    const isShown = (row: number): boolean =>
      (!lit || lit.has(row)) && (!run.nClasses || !run.labels || !hidden.includes(run.labels[row]));
    const rows = rowsInside(this.stage.painters[i].places(), scenery.sight, outline, isShown);
    this.store.set({ selection: event.ctrlKey || event.metaKey ? union(selection, rows) : rows });
    this.say(rows.length === 1 ? "1 point selected." : `${rows.length.toLocaleString("en-US")} points selected.`);
  }

  /** Where all points are is known of a picture that is drawn in full. */
  private sharpen(): void {
    if (this.isRough) this.drawNow();
  }

  private press(x: number, y: number, event: PointerEvent): void {
    this.sharpen();
    const scenery = this.sceneryAt(x, y);
    if (!scenery || !this.stage) return;
    const row = this.stage.pick(this.sceneries.indexOf(scenery), scenery, x, y, this.get(), this.theme);
    const { selection } = this.get();
    if (row < 0) this.store.set({ selection: [] });
    else if (event.ctrlKey || event.metaKey)
      this.store.set({
        selection: selection.includes(row) ? selection.filter((r) => r !== row) : union(selection, [row]),
      });
    else this.store.set({ selection: [row] });
  }

  /** A change of view on the way of a geodesic. */
  change(change: Partial<State>): void {
    this.turn(() => this.store.set(change));
  }

  private turn(change: () => void): void {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const from = this.models.map((model) => model.sceneOf(this.store.state));
    this.passage = calm ? null : { from, start: performance.now() };
    change();
    this.needsMove = true;
    this.ask();
  }

  resetView(): void {
    const { zoom, panX, panY, azimuth, elevation } = this.initial;
    this.store.set({ zoom, panX, panY, azimuth, elevation });
  }

  /** Something has changed. */
  private ask(): void {
    this.isChanged = true;
    this.next();
  }

  /** A frame is drawn where something has changed: a play stands still at every layer for a while. */
  private next(): void {
    if (this.frameAsked) return;
    const asked = performance.now();
    this.frameAsked = requestAnimationFrame((now) => {
      this.frameAsked = 0;
      this.player.tick(now);
      this.studio?.tick(now);
      const moves = this.isChanged || this.passage !== null || this.rising || this.afterDraw !== null;
      this.isChanged = false;
      const isTraining = this.studio?.isTraining === true;
      if (moves) {
        const { pace } = this;
        pace.moved(asked, now, isTraining);
        this.drawNow(1, pace.isSlow && pace.isMoving && this.afterDraw === null);
      } else if (this.isRough && !isTraining && this.pace.rests(now)) this.drawNow();
      if (this.player.playing || this.passage || this.rising || this.isRough) this.next();
    });
  }

  /** `rough` while it moves and frames take long: fewer points and lines, which a still picture has all. */
  private drawNow(ratio = 1, rough = false): void {
    if (rough !== this.isRough) this.needsMove = true;
    this.isRough = rough;
    const { state } = this.store;
    const { picture } = this.page;
    const theme = this.theme;
    this.drawnZoom = state.zoom;
    this.page.setTheme(theme);
    const [width, height] = [picture.clientWidth, picture.clientHeight];
    const instants = this.instants(state);
    this.raise(instants);
    const heights = sharedHeight(
      instants.map((instant) => heightOf(instant, instant.scene.isOnALine(instant.t) ? this.lift : 0)),
      state.sameAxes,
    );
    this.sceneries = instants.map((instant, i) => {
      const onALine = instant.scene.isOnALine(instant.t);
      const sink = onALine && instant.nAxes === 2 ? SINK * this.lift : 0;
      const pose = { ...state, panY: state.panY - sink };
      return {
        instant,
        sight: sightOf(
          instant.extent,
          instant.nAxes,
          this.rectangle(i, width, height),
          pose,
          instant.flatness,
          heights[i],
        ),
      };
    });
    if (this.stage && width > 0 && height > 0) {
      const sharp = Math.max(Math.min(devicePixelRatio || 1, 2), ratio);
      this.stage.resize(width, height, rough ? ROUGH_PIXELS * sharp : sharp);
      for (const painter of this.stage.painters) painter.paint(theme, state.hidden, this.lit);
      if (this.needsMove || this.passage) {
        this.stage.painters.forEach((painter, i) => painter.move(instants[i], state, rough));
        this.needsMove = false;
      }
      this.stage.draw(this.sceneries, state, theme, rough);
    }
    this.page.overlay.draw(this.sceneries, state, this.names(), this.isTrainTab ? this.details() : []);
    this.drawColumns(state, theme);
    this.page.drawOutline(this.outline);
    if (!this.stage) this.page.showStandIn(this.standIn(state, theme));
    this.updatePanels({ state, instant: instants[0], instants }, rough);
    this.showHovered();
    this.afterDraw?.();
  }

  /** Their curves and numbers take longer than the picture: while a training is slow not every frame has them. */
  private updatePanels(now: Now, rough: boolean): void {
    const time = performance.now();
    const isSoon = this.told.state === now.state && time - this.told.time < PANELS;
    if (rough && isSoon && this.studio?.isTraining) return;
    this.told = { state: now.state, time };
    this.page.update(now);
  }

  /** Columns rise over a cloud that has come to lie on a line. */
  private raise(instants: readonly Instant[]): void {
    const goal = instants.some(({ scene, t }) => scene.isOnALine(t)) ? 1 : 0;
    const now = performance.now();
    const passed = Math.min((now - this.lastFrame) / 1000, 0.1);
    this.lastFrame = now;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.lift = goal === 0 ? 0 : calm ? 1 : Math.min(this.lift + passed / RISE, 1);
    this.rising = goal === 1 && this.lift < 1;
  }

  private rising = false;

  private drawColumns(state: State, theme: Theme): void {
    const shown = this.stage ? this.sceneries.filter(({ instant }) => instant.scene.isOnALine(instant.t)) : [];
    const shapes = shown.flatMap((scenery) => drawColumns(scenery, state.hidden, theme, eased(this.lift)));
    if (shapes.length || this.page.overlay.columns.firstChild) this.page.overlay.columns.replaceChildren(...shapes);
  }

  /** A still picture from a sample, for a browser without WebGL2. */
  private standIn(state: State, theme: Theme): string {
    const pictures = this.sceneries.map((scenery) => ({
      scenery,
      places: sampledPlaces(scenery.instant),
      strokes: [],
      tint: null,
    }));
    return svgText(pictures, this.overlay, state, theme);
  }

  private instants(state: State): Instant[] {
    const passed = this.passage ? (performance.now() - this.passage.start) / 1000 / PASSAGE : 1;
    if (passed >= 1 && this.passage) {
      this.passage = null;
      this.needsMove = true;
    }
    const { passage } = this;
    const own = this.models.map((model, i) =>
      model.instant(state, passage && { from: passage.from[i], share: eased(passed) }),
    );
    return state.sameAxes ? onSameAxes(own) : own;
  }

  /** Runs stand side by side, one above the other where it is narrow. */
  private rectangle(i: number, width: number, height: number): Rectangle {
    const n = this.models.length;
    return width >= height
      ? { x: (width * i) / n, y: 0, width: width / n, height }
      : { x: 0, y: (height * i) / n, width, height: height / n };
  }

  private sceneryAt(x: number, y: number): Scenery | null {
    return (
      this.sceneries.find(
        ({ sight: { rectangle: r } }) => x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height,
      ) ??
      this.sceneries[0] ??
      null
    );
  }

  /** Several fingers move between two frames: the scale is that of the state, not of the last one. */
  private sightNow(x: number, y: number): Sight | null {
    const sight = this.sceneryAt(x, y)?.sight;
    return sight ? { ...sight, scale: (sight.scale * this.store.state.zoom) / this.drawnZoom } : null;
  }

  private showHovered(): void {
    const { tip, picture } = this.page;
    const scenery = this.hovered && this.sceneryAt(this.hovered.x, this.hovered.y);
    if (!scenery || !this.stage || this.host.player.playing || this.isRough) {
      tip.hidden = true;
      return;
    }
    const { x, y } = this.hovered!;
    const i = this.sceneries.indexOf(scenery);
    const row = this.stage.pick(i, scenery, x, y, this.store.state, this.theme);
    if (row < 0) {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren(...rowCard(scenery.instant.scene.moment, row));
    placeCard(tip, x, y, picture.clientWidth, picture.clientHeight);
  }
}

/** The learnt weights of a network at its first moment, for the address; empty where they are too many. */
function textOfWeights(run: Run): string {
  const shape = shapeOf(run);
  const count = shape ? parameterCount(shape) : 0;
  const all = run.container.buffer(run.header.weights!) as Float32Array;
  const stride = all.length / run.header.checkpoints.length;
  return count && 6 * count < MOST_LETTERS ? formatWeights(all.slice(stride - count, stride)) : "";
}
