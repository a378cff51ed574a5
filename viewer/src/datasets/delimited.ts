/** A table from a text file: its columns, which of them can be what, and the points they make. */
import { shuffled } from "../math/random";
import { fit } from "../words";
import type { Table } from "./table";

export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
  /** NaN where a cell is empty or no number. */
  readonly numbers: Float64Array;
  readonly nNumbers: number;
  /** Different texts, empty ones aside, up to one more than a legend has room for. */
  readonly distinct: readonly string[];
}

export interface TextTable {
  readonly columns: readonly Column[];
  readonly nRows: number;
  /** Rows of the file, of which these may be a sample. */
  readonly nAll: number;
}

export const MOST_BYTES = 100_000_000;
export const MOST_ROWS = 100_000;
export const MOST_CLASSES = 20;
export const MOST_FEATURES = 100;
const LIKELY = /^(label|labels|class|classes|target|species|category|kind|type|y)$/i;

/** Rows and cells; quotes may hold the delimiter and line ends, and doubled quotes are one. */
function cellsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], "", false];
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || row[0].trim()) rows.push(row);
    [row, cell] = [[], ""];
  };
  if (!text.includes('"')) {
    return text
      .split(/\r\n|\n|\r/)
      .filter((line) => line.trim())
      .map((line) => line.split(delimiter));
  }
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[i + 1] === '"') cell += text[++i];
      else isQuoted = false;
    } else if (letter === '"' && !cell.trim()) [isQuoted, cell] = [true, ""];
    else if (letter === delimiter) {
      row.push(cell);
      cell = "";
    } else if (letter === "\n" || letter === "\r") {
      endRow();
    } else cell += letter;
  }
  endRow();
  return rows;
}

function delimiterOf(text: string): string {
  const line =
    text
      .slice(0, 100_000)
      .split(/\r\n|\n|\r/)
      .find((each) => each.trim()) ?? "";
  const counts = ["\t", ";", ","].map((mark) => [line.split(mark).length, mark] as const);
  return counts.reduce((best, each) => (each[0] > best[0] ? each : best))[1];
}

const isGap = (cell: string): boolean => /^(|na|nan|n\/a|null|none|\?)$/i.test(cell);

/**
 * The columns of a text; a sentence where it is no table. A first row with a text in it that is no
 * gap gives the names, unless every row is of texts.
 */
export function readDelimited(source: string): TextTable | string {
  const text = source.replace(/^\uFEFF/, "");
  if (text.includes("\0")) return "This is no text file: the page reads CSV and TSV.";
  const delimiter = delimiterOf(text);
  const rows = cellsOf(text, delimiter).map((row) => row.map((cell) => cell.trim()));
  if (rows.length < 2) return "The file has no rows of numbers: the page reads a line a point, with commas between.";
  const width = rows[0].length;
  if (width < 2) return "The file has one column: a label and at least one feature are needed, with commas between.";
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged > 0) {
    return `Line ${ragged + 1} has ${rows[ragged].length} cells where the first line has ${width}: the page reads tables.`;
  }
  const number = (cell: string): number => {
    const decimal = delimiter === ";" ? cell.replace(/^([+-]?\d+),(\d+)$/, "$1.$2") : cell;
    return isGap(decimal) || !/^[+-]?(\d|\.\d)/.test(decimal) ? NaN : Number(decimal);
  };
  const hasNames = rows[0].every((cell) => cell && Number.isNaN(number(cell)));
  const body = hasNames ? rows.slice(1) : rows;
  // At random, and not every so many: the rows of a file may come in turns.
  const isSome = body.length > MOST_ROWS;
  const chosen = isSome ? shuffled(body.length, 1).subarray(0, MOST_ROWS).sort() : null;
  const kept = chosen ? Array.from(chosen, (row) => body[row]) : body;
  const columns = Array.from({ length: width }, (_, j): Column => {
    const cells = kept.map((row) => row[j]);
    const numbers = Float64Array.from(cells, number).map((x) => (Number.isFinite(x) ? x : NaN));
    const distinct = new Set<string>();
    for (const cell of cells) if (!isGap(cell) && distinct.size <= MOST_CLASSES) distinct.add(cell);
    const name = hasNames ? rows[0][j] : `column ${j + 1}`;
    const nNumbers = numbers.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : 1), 0);
    return { name, cells, numbers, nNumbers, distinct: sortNames([...distinct]) };
  });
  return { columns, nRows: kept.length, nAll: body.length };
}

/** Names of classes in the order of their numbers, as src/unknot/datasets/labels.py has it. */
export function sortNames(names: readonly string[]): string[] {
  if (names.every((name) => Number.isFinite(Number(name)))) return [...names].sort((a, b) => Number(a) - Number(b));
  // Runs of digits compare as numbers: first by their length, as a character before all that are printed.
  const counted = (digits: string): string => {
    const plain = digits.replace(/^0+/, "");
    return String.fromCharCode(1 + plain.length) + plain;
  };
  const keys = new Map(names.map((name) => [name, `${name.replace(/\d+/g, counted)}\0${name}`]));
  return [...names].sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1));
}

/** Whether a column is mostly numbers: a feature, or a number to predict. */
export const isNumeric = ({ nNumbers, cells }: Column): boolean => 2 * nNumbers > cells.length;

/** Whether a column is read as classes: few different values. */
export const isClasses = ({ distinct }: Column): boolean => distinct.length <= MOST_CLASSES;

/** The column that is likely to be the label: named so, or the last of texts, or the last of few values. */
export function likelyLabel({ columns }: TextTable): number {
  const rank = (column: Column): number =>
    LIKELY.test(column.name) ? 3 : !isNumeric(column) && isClasses(column) ? 2 : isClasses(column) ? 1 : 0;
  return columns.reduce((best, column, j) => (rank(column) >= rank(columns[best]) ? j : best), 0);
}

export interface Reading {
  readonly table: Table;
  /** What was left out, as a sentence; empty where nothing was. */
  readonly note: string;
}

/** Points of the chosen columns; a sentence where they make none. */
export function tableOfColumns(
  { columns, nRows, nAll }: TextTable,
  label: number,
  features: readonly number[],
  title: string,
  colours: (n: number) => readonly string[],
): Reading | string {
  if (!features.length) return "Choose at least one column as a feature.";
  if (features.length > MOST_FEATURES) return `Choose up to ${MOST_FEATURES} features.`;
  const target = columns[label];
  const areClasses = isClasses(target);
  if (!areClasses && !isNumeric(target)) {
    return `${fit(target.name)} has more than ${MOST_CLASSES} different texts: choose another column to predict.`;
  }
  const isWhole = (i: number): boolean =>
    (areClasses ? !isGap(target.cells[i]) : !Number.isNaN(target.numbers[i])) &&
    features.every((j) => !Number.isNaN(columns[j].numbers[i]));
  const rows = Array.from({ length: nRows }, (_, i) => i).filter(isWhole);
  const names = areClasses ? target.distinct.filter((name) => rows.some((i) => target.cells[i] === name)) : [];
  if (areClasses && names.length === 1)
    return `${fit(target.name)} has one class only, ${fit(names[0])}: choose another column.`;
  if (rows.length < 4) {
    return `${rows.length || "No"} row${rows.length === 1 ? " has" : "s have"} a number in every chosen column and a label: choose other columns.`;
  }
  const x = new Float32Array(rows.length * features.length);
  rows.forEach((row, i) => features.forEach((j, f) => (x[i * features.length + f] = columns[j].numbers[row])));
  if (!x.every((value) => Number.isFinite(value))) return "A number in the file is too large for the page.";
  const left = nRows - rows.length;
  const notes = [
    nAll > nRows && `${nRows.toLocaleString("en-US")} of ${nAll.toLocaleString("en-US")} rows are taken, at random`,
    left === 1 && "One row with a gap or a text among numbers is left out",
    left > 1 && `${left.toLocaleString("en-US")} rows with a gap or a text among numbers are left out`,
  ].filter(Boolean);
  const common = { title, x, featureNames: features.map((j) => columns[j].name), best: null };
  const note = notes.length ? `${notes.join("; ")}.` : "";
  if (areClasses) {
    const codes = new Map(names.map((name, c) => [name, c]));
    const labels = Uint8Array.from(rows, (i) => codes.get(target.cells[i])!);
    return { table: { ...common, labels, classNames: names, colours: colours(names.length) }, note };
  }
  const targets = Float32Array.from(rows, (i) => target.numbers[i]);
  const ordered = Float32Array.from(targets).sort();
  const [low, high] = [0.005, 0.995].map((share) => ordered[Math.round(share * (ordered.length - 1))]);
  const labels = targets.map((value) => Math.min(Math.max((value - low) / (high - low || 1), 0), 1));
  const range = { low, high, name: target.name };
  return { table: { ...common, labels, classNames: [], colours: [], targets, target: range }, note };
}
