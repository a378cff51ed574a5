/** The state, and who wants to know when it changes. */
import type { Name, State } from "./controls";

type Listener = (changed: ReadonlySet<Name>, state: State) => void;

export class Store {
  private readonly listeners = new Set<Listener>();

  constructor(private current: State) {}

  get state(): State {
    return this.current;
  }

  set(change: Partial<State>): void {
    const changed = new Set<Name>();
    for (const [name, value] of Object.entries(change) as [Name, unknown][]) {
      if (value !== undefined && !same(this.current[name], value)) changed.add(name);
    }
    if (!changed.size) return;
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener(changed, this.current);
  }

  /** Returns a function that ends it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, i) => value === b[i]);
  }
  return a === b;
}
