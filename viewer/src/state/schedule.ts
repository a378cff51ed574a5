/** What happens when while the page plays: a pause at each representation, visible beats between. */

export interface ScheduledBeat {
  readonly kind: string;
  readonly start: number;
  readonly stop: number;
  readonly isVisible: boolean;
}

interface Segment {
  readonly start: number;
  readonly seconds: number;
  readonly from: number;
  readonly to: number;
}

/** Seconds, as in the films. */
const PAUSE = 0.7;
const END_PAUSE = 1.0;
const BEAT_SECONDS: Readonly<Record<string, number>> = { activation: 1.1, interpolated: 1.6, shift: 0.5 };
const BEAT = 0.7;

export class Schedule {
  readonly seconds: number;
  private readonly segments: readonly Segment[];

  constructor(beats: readonly ScheduledBeat[], length: number) {
    const segments: Segment[] = [];
    let start = 0;
    const add = (from: number, to: number, seconds: number): void => {
      segments.push({ start, seconds, from, to });
      start += seconds;
    };
    add(0, 0, END_PAUSE);
    for (let k = 0; k < length; k++) {
      for (const beat of beats) {
        if (beat.start < k || beat.start >= k + 1 || !beat.isVisible) continue;
        add(beat.start, beat.stop, BEAT_SECONDS[beat.kind] ?? BEAT);
      }
      add(k + 1, k + 1, k + 1 === length ? END_PAUSE : PAUSE);
    }
    this.segments = segments;
    this.seconds = start;
  }

  /** t at so many seconds. */
  at(seconds: number): number {
    const segment = this.segments.findLast((s) => s.start <= seconds) ?? this.segments[0];
    const share = segment.seconds ? (seconds - segment.start) / segment.seconds : 1;
    return segment.from + (segment.to - segment.from) * eased(share);
  }

  /** The first moment at which t is reached. */
  secondsAt(t: number): number {
    const segment = this.segments.find((s) => t <= s.to) ?? this.segments[this.segments.length - 1];
    if (segment.to === segment.from || t <= segment.from) return segment.start;
    return segment.start + segment.seconds * uneased((t - segment.from) / (segment.to - segment.from));
  }
}

/** From 0 to 1 with a soft start and a soft end. */
export function eased(share: number): number {
  const s = Math.min(Math.max(share, 0), 1);
  return s * s * (3 - 2 * s);
}

function uneased(value: number): number {
  return 0.5 - Math.sin(Math.asin(1 - 2 * Math.min(Math.max(value, 0), 1)) / 3);
}
