/** What every part of the page beside the picture is. */
import type { Sources } from "../datasets/table";
import type { Instant } from "../model/run_model";
import type { PageFile, Run } from "../page_file/page_file";
import type { State } from "../state/controls";
import type { Store } from "../state/store";
import type { Theme } from "../theme/colours";
import type { Branch, Shelf } from "../training/shelf";
import type { Studio } from "../training/studio";

/** What a drag on the picture does. */
export type Tool = "move" | "lasso" | "box";

/** What a panel is given. */
export interface Host {
  readonly file: PageFile;
  readonly store: Store;
  /** The first run: the one whose network and numbers are shown. */
  readonly run: Run;
  readonly player: {
    readonly playing: "layers" | "training" | null;
    toggle(what: "layers" | "training"): void;
    pause(): void;
  };
  /** Whether the page can train the network itself. */
  readonly canTrain: boolean;
  /** Whether the network is one that was made in the page. */
  readonly isEdited: boolean;
  /** Data to train on, beside those that the page makes. */
  readonly sources: Sources;
  /** Show and train another network on the same points; null is the file's own. */
  edit(run: Run | null, tab?: State["tab"]): void;
  /** Go on with a training that was left, of this network or of one before. */
  take(branch: Branch): void;
  /** Change what is pinned beside the network in training. */
  pin(act: (shelf: Shelf) => void): void;
  /** What the panes are called. */
  names(): readonly string[];
  /** The training, while its tab is shown. */
  studio(): Studio | null;
  theme(): Theme;
  /** A short message for everyone, also read out. */
  say(text: string): void;
  /** Begin an animated change of what is shown. */
  change(change: Partial<State>): void;
  resetView(): void;
  openHelp(): void;
  tool(): Tool;
  setTool(tool: Tool): void;
  /** Let all classes but one stand back; null ends it. */
  light(group: number | null): void;
}

/** What is on the screen now. */
export interface Now {
  readonly state: State;
  readonly instant: Instant;
  readonly instants: readonly Instant[];
}

export interface Panel {
  readonly element: HTMLElement;
  /** Called after the picture was drawn, whenever it was. */
  update(now: Now): void;
}
