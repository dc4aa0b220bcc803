import { dollars, utcTime } from '@agentteam/contract';
import type { AgentDetail, StepDetail, StepState, TeamDetail } from '@agentteam/detail';

/** Facts as every format of the report writes them. */

/** `1:05:09` or `4:31`. */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const two = (count: number): string => String(count).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `2026-11-29 14:00:20 UTC`; the text itself if an agent wrote something that is not a time. */
export function time(at: string): string {
  return Number.isNaN(Date.parse(at)) ? at : utcTime(at);
}

/** `1 turn`, `1,204 turns` */
export function counted(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `12 KiB` */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const [unit, name] = bytes < 1024 ** 2 ? [1024, 'KiB'] : [1024 ** 2, 'MiB'];
  return `${(bytes / unit).toFixed(1)} ${name}`;
}

export const STATES: Readonly<Record<StepState, { readonly mark: string; readonly text: string }>> =
  {
    waiting: { mark: '○', text: 'has not begun' },
    running: { mark: '●', text: 'is running' },
    asking: { mark: '◆', text: 'waits for approval' },
    done: { mark: '✓', text: 'done' },
    failed: { mark: '✗', text: 'failed' },
    skipped: { mark: '–', text: 'skipped' },
  };

export const NOT_REPORTED = 'The lead has not reported.';

/** What came of a question of an agent. */
export function answerTo({ answer, unanswered }: TeamDetail['questions'][number]): string {
  return (
    answer?.text ?? `nobody answered${unanswered === undefined ? ' yet' : ` (${unanswered.how})`}`
  );
}

/** The name of an agent for people. */
export function agentTitle({ role, name }: Pick<AgentDetail, 'role' | 'name'>): string {
  return role === 'lead' ? 'lead' : name;
}

/** @returns a function that gives the title of a step for people: `approval of deliver`. */
export function stepTitles(steps: readonly StepDetail[]): (name: string) => string {
  const titles = new Map(steps.map(({ name, title }) => [name, title]));
  return (name) => titles.get(name) ?? name;
}

/** What the page says first about a team, each with its title. */
export function headFacts({ summary }: TeamDetail): readonly (readonly [string, string])[] {
  const { startedAt, endedAt, usd, limit, tasks, tokens } = summary;
  const all = Object.values(tokens).reduce((sum, one) => sum + one, 0);
  return [
    // A run on this machine has no namespace.
    ...(summary.namespace === '' ? [] : ([['Namespace', summary.namespace]] as const)),
    ['Started', startedAt === undefined ? 'not yet' : time(startedAt)],
    ...(endedAt === undefined ? [] : ([['Ended', time(endedAt)]] as const)),
    ...(startedAt === undefined || endedAt === undefined
      ? []
      : ([['Duration', duration(startedAt, endedAt)]] as const)),
    ['Cost', `${dollars(usd)}${limit === undefined ? '' : ` of ${dollars(limit)}`}`],
    ['Tokens', count(all)],
    ['Tasks', `${tasks.completed} of ${tasks.total} completed`],
  ] satisfies readonly (readonly [string, string])[];
}
