import type { StepState } from '@agentteam/detail';
import type { ComponentChildren, JSX } from 'preact';
import { clock, dateAndTime, dollars } from './format.ts';

/** What a phase or state means for its colour. */
const TONES: Readonly<Record<string, string>> = {
  Running: 'active',
  Completed: 'good',
  Failed: 'bad',
  TimedOut: 'bad',
  BudgetExceeded: 'bad',
  running: 'active',
  asking: 'ask',
  open: 'ask',
  done: 'good',
  completed: 'good',
  approved: 'good',
  failed: 'bad',
  rejected: 'bad',
  blocked: 'bad',
  in_progress: 'active',
};

const WORDS: Readonly<Record<string, string>> = {
  asking: 'needs approval',
  open: 'needs approval',
  in_progress: 'in progress',
};

/** @param tone colour; given one, the value is shown as it is. */
export function Badge({ value, tone }: { value: string; tone?: string }): JSX.Element {
  const text = tone === undefined ? (WORDS[value] ?? value) : value;
  return <span class={`badge ${tone ?? TONES[value] ?? 'quiet'}`}>{text}</span>;
}

const MARKS: Readonly<Record<StepState, string>> = {
  waiting: '○',
  running: '●',
  asking: '?',
  done: '✓',
  failed: '✗',
  skipped: '–',
};

export function Mark({ state }: { state: StepState }): JSX.Element {
  return (
    <span class={`mark ${TONES[state] ?? 'quiet'}`} aria-hidden="true">
      {MARKS[state]}
    </span>
  );
}

export function Time({ at }: { at: string }): JSX.Element {
  return (
    <time dateTime={at} title={dateAndTime(at)}>
      {clock(at)}
    </time>
  );
}

/** A bar of a share. @param label says the same in words. @param warnAt share from which it is red. */
export function Meter({
  value,
  most,
  label,
  warnAt = Number.POSITIVE_INFINITY,
}: {
  value: number;
  most: number;
  label: string;
  warnAt?: number;
}): JSX.Element {
  const share = most > 0 ? Math.min(1, value / most) : 0;
  const tone = share >= warnAt ? 'warn' : '';
  return (
    <div class="meter">
      <span class="meter-text">{label}</span>
      <span class="meter-track" aria-hidden="true">
        <span class={`meter-bar ${tone}`} style={{ width: `${share * 100}%` }} />
      </span>
    </div>
  );
}

export function Cost({
  usd,
  limit,
  text = dollars(usd),
}: {
  usd: string;
  limit?: string | undefined;
  /** The amount as a list shows it whose amounts add up. */
  text?: string | undefined;
}): JSX.Element {
  if (limit === undefined) return <span class="number">{text}</span>;
  const label = `${text} of ${dollars(limit)}`;
  return <Meter value={Number(usd)} most={Number(limit)} label={label} warnAt={0.8} />;
}

export function Section({
  title,
  children,
  empty,
}: {
  title: string;
  children?: ComponentChildren;
  /** Shown instead of the children. */
  empty?: string | false | undefined;
}): JSX.Element {
  return (
    <section class="card">
      <h2>{title}</h2>
      {empty ? <p class="muted">{empty}</p> : children}
    </section>
  );
}

/** Content that is wider than a phone scrolls by itself, also with the keyboard. */
export function Scroll({
  label,
  children,
}: {
  label: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
