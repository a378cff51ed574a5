/** The page of an atlas: a cell that is chosen opens its network in a frame, as a page of its own. */

const text = (id: string): string => document.getElementById(id)?.textContent ?? "";
const buttons = [...document.querySelectorAll<HTMLButtonElement>("button[data-cell]")];
let frame: HTMLIFrameElement | undefined;
let address = "";

function open(button: HTMLButtonElement): void {
  const cell = button.dataset.cell!;
  const [head, middle, foot] = JSON.parse(text("unknot-document")) as string[];
  const page = [head, text(cell), middle, text("unknot-viewer"), foot];
  const says = document.getElementById("says")!;
  says.textContent = button.title;
  // A frame of its own for each cell: a second load in a frame that still loads may end in neither.
  frame?.remove();
  URL.revokeObjectURL(address);
  frame = document.createElement("iframe");
  frame.title = button.title;
  address = URL.createObjectURL(new Blob(page, { type: "text/html" }));
  frame.src = address;
  says.after(frame);
  for (const other of buttons) other.setAttribute("aria-pressed", `${other === button}`);
  history.replaceState(null, "", `#${encodeURIComponent(cell)}`);
}

/** One cell of each table is reached with Tab; arrows lead to its neighbours. */
function move(button: HTMLButtonElement, key: string): boolean {
  const row = button.closest("tr")!;
  const rows = [...button.closest("table")!.rows];
  const own = (line: HTMLTableRowElement | undefined): HTMLButtonElement[] => [
    ...(line?.querySelectorAll("button") ?? []),
  ];
  const column = own(row).indexOf(button);
  const next = {
    ArrowLeft: own(row)[column - 1],
    ArrowRight: own(row)[column + 1],
    ArrowUp: own(rows[row.rowIndex - 1])[column],
    ArrowDown: own(rows[row.rowIndex + 1])[column],
  }[key];
  next?.focus();
  return next !== undefined;
}

for (const button of buttons) {
  button.tabIndex = button.closest("table")?.querySelector("button") === button ? 0 : -1;
  button.addEventListener("click", () => {
    open(button);
    if (document.documentElement.clientWidth < 960) frame?.scrollIntoView();
  });
  button.addEventListener("keydown", (event) => {
    if (move(button, event.key)) event.preventDefault();
  });
}

let chosen = "";
try {
  chosen = decodeURIComponent(location.hash.slice(1));
} catch {
  // A broken escape asks for no cell.
}
const first = buttons.find((button) => button.dataset.cell === chosen);
if (first) open(first);
