/** Everything of one run that lives on the GPU. */
import { shuffled } from "../math/random";
import { colourer, colouringOf, paintOf, unitIn } from "../model/colouring";
import type { Instant } from "../model/run_model";
import { givesProbabilities } from "../network/forward";
import { decisionBoundary, gridLines, raster, unitFold } from "../network/lattice";
import { WeightsMoment } from "../network/moment";
import type { Run } from "../page_file/page_file";
import type { State } from "../state/controls";
import { onTheme, type Rgb, rgb, type Theme } from "../theme/colours";
import { BY_LABEL, type Colouring, type Flow, type PointSet, readFloats, readPlaces } from "./flow";
import { dataTexture, type GL } from "./gl";
import { doubled, Ground, type LinePainter, type Lines, type Rgba, Trails } from "./lines";
import { type Dots, dotStyle, PASS, type PointPainter } from "./points";
import { RegionPainter, type Sheet, type SheetPainter } from "./shading";
import type { Sight } from "./sight";
import { sendPalette } from "./textures";
import { ValuesFlow } from "./values_flow";
import { WeightsFlow } from "./weights_flow";

/** Nodes along each side of the sheet and of the raster on which the boundary is found. */
const SHEET = 97;
/** The same while it moves and is slow; points of a grid line, and points of the cloud. */
const ROUGH_SHEET = 41;
const ROUGH_LINE = 49;
const ROUGH_POINTS = 30_000;
const RASTER = 121;
/** Of the boundary's raster while the weights move and it is slow, and of a large network. */
const ROUGH_RASTER = 65;
/** The fold of a unit stands out from the boundary. */
const WARM: Rgb = rgb("#d0480a");
/** With more points than this, a 3-D cloud is blended and not solid. */
const MOST_SOLID = 30_000;

export interface Painters {
  readonly points: PointPainter;
  readonly lines: LinePainter;
  readonly sheets: SheetPainter;
  readonly ramp: WebGLTexture;
}

/** The parts of a picture of which there are two: in full, and less of them. */
interface Rough {
  readonly dots: Dots | null;
  readonly grid: MovedLines | null;
  readonly sheet: Sheet | null;
}

interface MovedLines {
  readonly set: PointSet;
  readonly lines: Lines;
}

export class RunPainter {
  readonly flow: Flow;
  private readonly palette: WebGLTexture;
  private readonly dots: Dots;
  private readonly regions: RegionPainter | null;
  private readonly ground: Ground;
  /** Maps of neighbours in the place of layers; made when they are first shown. */
  private maps: { readonly flow: Flow; readonly dots: Dots } | null = null;
  private showsMaps = false;
  private grid: MovedLines | null = null;
  private sheet: Sheet | null = null;
  /** What stands in for the whole while it moves and is slow; made when it is first needed. */
  private rough: Rough | null = null;
  private boundary: MovedLines | null = null;
  private boundaryMoment: unknown;
  private boundaryNodes = 0;
  private fold: MovedLines | null = null;
  private foldMoment: unknown;
  private foldColour = "";
  private colouring: Colouring = BY_LABEL;
  private anySelected = false;
  private anyRing = false;
  private states = new Uint8Array(0);
  /** Without points and lines: the tint alone. */
  isBare = false;
  private readonly trails: Trails;
  private painted = "";
  private lit: number | null = null;

  constructor(
    private readonly gl: GL,
    readonly run: Run,
    private readonly painters: Painters,
  ) {
    this.palette = dataTexture(gl);
    this.ground = new Ground(gl, painters.lines);
    this.trails = new Trails(gl, painters.lines);
    this.flow = makeFlow(gl, run, () => this.palette);
    this.dots = this.dotsOf(this.flow);
    this.regions = run.header.carrier === "weights" && givesProbabilities(run) ? new RegionPainter(gl, run) : null;
    const { lattice } = run.header;
    if (!lattice) return;
    this.grid = this.stored("grid");
    this.boundary = this.stored("boundary");
    if (lattice.values) return;
    const { points, lengths } = gridLines(lattice);
    this.grid = this.moved(points, lengths);
    this.sheet = this.sheetOf(SHEET);
  }

  private dotsOf({ points }: Flow): Dots {
    const { nClasses, nPoints, labels } = this.run;
    const groups = nClasses ? (labels as Uint8Array<ArrayBuffer> | null) : null;
    return this.painters.points.dots(points, groups, shuffled(nPoints, 1) as Uint32Array<ArrayBuffer>);
  }

  /** The points that are seen. */
  private get cloud(): Dots {
    return this.showsMaps && this.maps ? this.maps.dots : this.dots;
  }

  private mapsOf(run: Run): { flow: Flow; dots: Dots } {
    const flow = new ValuesFlow(this.gl, run);
    const dots = this.dotsOf(flow);
    this.painters.points.select(dots, this.states);
    return { flow, dots };
  }

  /** The input's plane; null where there is none, or no classes to tint it. */
  private sheetOf(nodes: number): Sheet | null {
    const { lattice } = this.run.header;
    if (!lattice || lattice.values || !givesProbabilities(this.run)) return null;
    const set = this.flow.fromInputs(raster(lattice, nodes), true);
    return set && this.painters.sheets.sheet(set, nodes, nodes);
  }

  private makeRough(): Rough {
    const { run, painters, flow } = this;
    const { lattice } = run.header;
    const drawn = lattice && !lattice.values ? gridLines(lattice, ROUGH_LINE) : null;
    // Drawn in any order, the first of a shuffled cloud are a fair share of it.
    const rows = shuffled(run.nPoints, 1).slice(0, ROUGH_POINTS) as Uint32Array<ArrayBuffer>;
    const set = run.nPoints > ROUGH_POINTS ? flow.some(rows) : null;
    const labels = run.nClasses && run.labels ? Uint16Array.from(rows, (row) => run.labels![row]) : null;
    return {
      dots:
        set &&
        painters.points.dots(
          set,
          labels,
          Uint32Array.from(rows, (_, i) => i),
        ),
      grid: (drawn && this.moved(drawn.points, drawn.lengths)) ?? this.grid,
      sheet: this.sheetOf(ROUGH_SHEET),
    };
  }

  /** What is moved and drawn. */
  private shown(rough: boolean): Rough {
    if (this.showsMaps) return { dots: this.cloud, grid: null, sheet: null };
    if (!rough) return { dots: this.dots, grid: this.grid, sheet: this.sheet };
    this.rough ??= this.makeRough();
    // A selection may lie anywhere: then all points are drawn.
    return this.anySelected || this.anyRing || !this.rough.dots ? { ...this.rough, dots: this.dots } : this.rough;
  }

  /** Colours of the theme; classes that are switched off; the one that is lit, where one is. */
  paint(theme: Theme, hidden: readonly number[], lit: number | null): void {
    const key = `${theme.isDark}|${hidden.join()}|${lit}`;
    if (key === this.painted) return;
    this.painted = key;
    this.lit = lit;
    const colours = this.run.header.class_colours.map((c) => onTheme(rgb(c), theme));
    sendPalette(this.gl, this.palette, colours, hidden, lit);
  }

  /** The selected points, and those that are rings. */
  select({ selection, heldOut }: State): void {
    const rings = heldOut ? this.run.heldOut : null;
    const states = new Uint8Array(Math.max(this.run.nPoints, 1));
    rings?.forEach((held: number, row: number) => (states[row] = held ? 2 : 0));
    this.anyRing = rings !== null;
    this.anySelected = false;
    for (const row of selection) {
      if (row < states.length) {
        states[row] |= 1;
        this.anySelected = true;
      }
    }
    this.states = states;
    this.painters.points.select(this.dots, states);
    if (this.maps) this.painters.points.select(this.maps.dots, states);
  }

  /** Bring everything to an instant. */
  move(instant: Instant, state: State, rough = false): void {
    const { moment, seen, showsMaps } = instant.scene;
    this.showsMaps = showsMaps;
    if (showsMaps) this.maps ??= this.mapsOf(seen.run);
    const { dots, sheet, grid } = this.shown(rough);
    this.colouring = colouringOf(state.colour, moment);
    const flow = showsMaps ? this.maps!.flow : this.flow;
    flow.move(dots!.set, { moment, parts: instant.parts, colouring: this.colouring });
    const still = { moment, parts: instant.parts, colouring: BY_LABEL };
    if (sheet && state.shading) this.flow.move(sheet.set, still);
    if (grid && state.lattice) this.flow.move(grid.set, still);
    this.trails.move(instant, state.trails ? this.shownOf(state) : [], this.colouring);
    this.findFold(moment, showsMaps ? "class" : state.colour);
    if (this.fold) this.flow.move(this.fold.set, still);
    if (!state.boundary || showsMaps) return;
    this.findBoundary(moment, rough);
    if (this.boundary) this.flow.move(this.boundary.set, still);
  }

  draw(
    instant: Instant,
    state: State,
    sight: Sight,
    theme: Theme,
    ratio: number,
    origin: readonly [number, number],
    rough: boolean,
  ): void {
    const { gl, painters } = this;
    const { dots, sheet, grid } = this.shown(rough);
    const { scene, t } = instant;
    const onALine = scene.isOnALine(t);
    if (instant.nAxes === 3 && state.axes) this.ground.draw(sight, theme, ratio, 1 - instant.flatness);
    const present = rough ? 0 : this.presence(instant);
    if (present > 0 && (state.shading || state.boundary)) {
      this.regions!.draw(
        t,
        scene.moment as WeightsMoment,
        scene.camera.stop(t),
        sight,
        ratio,
        origin,
        { shade: state.shading ? 0.2 * present : 0, boundary: state.boundary ? 0.55 * present : 0 },
        theme.ink,
        this.palette,
      );
    } else if (sheet && state.shading && !onALine) painters.sheets.draw(sheet, sight, 0.2);
    if (grid && state.lattice && !onALine) {
      painters.lines.draw(grid.lines, sight, [...theme.grid, 0.55], ratio, ratio);
    }
    if (this.isBare) return;
    this.drawPoints(dots!, instant, state, sight, theme, ratio);
    if (this.boundary && state.boundary && !onALine && !this.showsMaps) {
      painters.lines.draw(this.boundary.lines, sight, [...theme.ink, 0.9], 1.8 * ratio, ratio);
    }
    if (this.fold && !onALine) painters.lines.draw(this.fold.lines, sight, [...WARM, 1], 2.2 * ratio, ratio);
    const colourOf = colourer(this.run, paintOf(this.colouring, this.run), theme);
    const opacity = trailOpacity(state.selection.length);
    this.trails.draw(sight, (value, row) => [...colourOf(value, row), opacity], ratio);
    gl.disable(gl.DEPTH_TEST);
  }

  /** The selected rows, without those of classes that are switched off. */
  private shownOf({ selection, hidden }: State): readonly number[] {
    const { labels, nClasses } = this.run;
    return nClasses && labels && hidden.length ? selection.filter((row) => !hidden.includes(labels[row])) : selection;
  }

  /** The lines that are on the canvas. */
  strokes(instant: Instant, state: State, theme: Theme): Stroke[] {
    const flat = instant.scene.isOnALine(instant.t) || this.showsMaps;
    const result: Stroke[] = [];
    const add = (from: { lines: Lines; places: WebGLBuffer } | null, colour: Rgba, width: number, isOver: boolean) => {
      if (from) result.push({ ...undoubled(this.gl, from), colour, width, isOver });
    };
    const placed = (of: MovedLines | null) => of && { lines: of.lines, places: of.set.places };
    if (instant.nAxes === 3 && state.axes) add(this.ground.drawn, [...theme.grid, 0.7], 1, false);
    if (state.lattice && !flat) add(placed(this.grid), [...theme.grid, 0.55], 1, false);
    if (state.boundary && !flat) add(placed(this.boundary), [...theme.ink, 0.9], 1.8, true);
    if (!flat) add(placed(this.fold), [...WARM, 1], 2.2, true);
    const colourOf = colourer(this.run, paintOf(this.colouring, this.run), theme);
    for (const trail of this.trails.all) {
      add(trail, [...colourOf(trail.value, trail.row), trailOpacity(state.selection.length)], 1.3, true);
    }
    return result;
  }

  /** Ids of the points, for picking. */
  drawIds(sight: Sight, theme: Theme, size: number, alone: boolean): void {
    const style = { size, opacity: 1, dimmed: alone && this.anySelected ? 0 : 1, paint: 0, muted: theme.muted };
    this.painters.points.draw(this.cloud, sight, style, PASS.pick, this.palette, this.painters.ramp);
  }

  /** Where the points are: x, y, z and the colour value of each. */
  places(): Float32Array {
    return readPlaces(this.gl, this.cloud.set);
  }

  /** The diameter of a dot in CSS pixels. */
  dotSize(side: number, state: State): number {
    return dotStyle(this.run.nPoints, side).size * state.size;
  }

  private drawPoints(dots: Dots, instant: Instant, state: State, sight: Sight, theme: Theme, ratio: number): void {
    const { gl, painters } = this;
    const usual = dotStyle(this.run.nPoints, Math.min(sight.rectangle.width, sight.rectangle.height));
    const { size } = usual;
    // Of a share of the points each covers more, so that the whole keeps its tone.
    const opacity = 1 - (1 - usual.opacity) ** (this.run.nPoints / Math.max(dots.set.count, 1));
    const solid = instant.nAxes === 3 && instant.flatness === 0 && this.run.nPoints <= MOST_SOLID && this.lit === null;
    const style = {
      size: size * state.size * ratio,
      opacity: solid ? 0.95 : opacity,
      dimmed: this.anySelected ? (state.alone ? 0 : 0.18) : 1,
      paint: paintOf(this.colouring, this.run),
      muted: theme.muted as Rgb,
    };
    if (solid && !this.anySelected) gl.enable(gl.DEPTH_TEST);
    const draw = (pass: number): void => painters.points.draw(dots, sight, style, pass, this.palette, painters.ramp);
    draw(solid && !this.anySelected ? PASS.solid : PASS.plain);
    gl.disable(gl.DEPTH_TEST);
    if (this.anySelected) draw(PASS.selected);
  }

  /** How much of the rest of the network is shown pixel by pixel: 1 at a flat 2-unit stop. */
  private presence({ t, scene, nAxes, extent }: Instant): number {
    const stands = Number.isInteger(t) && nAxes === 2 && this.regions?.can(t) && extent.radius > 0;
    return stands && scene.moment instanceof WeightsMoment ? 1 : 0;
  }

  private findBoundary(moment: unknown, rough: boolean): void {
    const { lattice } = this.run.header;
    if (!lattice || !(moment instanceof WeightsMoment) || !givesProbabilities(this.run)) return;
    const n = rough || moment.parameters.length > 2_000 ? ROUGH_RASTER : RASTER;
    if (this.boundaryMoment === moment && this.boundaryNodes >= n) return;
    [this.boundaryMoment, this.boundaryNodes] = [moment, n];
    if (this.boundary) {
      this.flow.free(this.boundary.set);
      this.painters.lines.free(this.boundary.lines);
    }
    const { points, lengths } = decisionBoundary(moment, lattice, n);
    this.boundary = lengths.length ? this.moved(points, lengths) : null;
  }

  /** Where the unit that colours the points changes sign before its activation. */
  private findFold(moment: unknown, colour: string): void {
    const unit = unitIn(colour, this.run);
    const { lattice, maps } = this.run.header;
    if (!unit || unit.k === 0 || !lattice || !(moment instanceof WeightsMoment)) {
      this.setFold(null);
      return;
    }
    if (this.foldMoment === moment && this.foldColour === colour) return;
    this.foldMoment = moment;
    this.foldColour = colour;
    const k = maps[unit.k - 1]?.kind === "activation" ? unit.k - 1 : unit.k;
    const { points, lengths } = unitFold(moment, lattice, k, unit.unit, RASTER);
    this.setFold(lengths.length ? this.moved(points, lengths) : null);
  }

  private setFold(fold: MovedLines | null): void {
    if (this.fold) {
      this.flow.free(this.fold.set);
      this.painters.lines.free(this.fold.lines);
    }
    this.fold = fold;
    if (!fold) this.foldMoment = null;
  }

  private stored(which: "grid" | "boundary"): MovedLines | null {
    const lines = this.flow.fromLattice(which);
    return lines && { set: lines.set, lines: this.painters.lines.lines(lines.set.places, lines.lengths) };
  }

  private moved(points: Float64Array, lengths: readonly number[]): MovedLines | null {
    const set = this.flow.fromInputs(doubled(points, 2), false);
    return set && { set, lines: this.painters.lines.lines(set.places, lengths) };
  }
}

/** Lines for whoever draws them elsewhere. */
export interface Stroke {
  /** Four numbers a point. */
  readonly points: Float32Array;
  readonly lengths: readonly number[];
  readonly colour: Rgba;
  readonly width: number;
  /** Over the points, not under them. */
  readonly isOver: boolean;
}

/** Lines as they were before `doubled`. */
function undoubled(
  gl: GL,
  { lines, places }: { lines: Lines; places: WebGLBuffer },
): Pick<Stroke, "points" | "lengths"> {
  const n = lines.lengths.reduce((sum, length) => sum + length, 0);
  const all = readFloats(gl, places, 4 * (2 * n + 4));
  const points = new Float32Array(4 * n);
  for (let i = 0; i < n; i++) points.set(all.subarray(8 * (i + 1), 8 * (i + 1) + 4), 4 * i);
  return { points, lengths: lines.lengths };
}

/** Many trails must not become one blot. */
function trailOpacity(n: number): number {
  return Math.min(Math.max(14 / Math.max(n, 1), 0.14), 0.75);
}

export function makeFlow(gl: GL, run: Run, palette: () => WebGLTexture): Flow {
  return run.header.carrier === "weights" ? new WeightsFlow(gl, run, palette) : new ValuesFlow(gl, run);
}
