import { CONTAINERS, isRecord } from '@agentteam/contract';
import { stepTitle } from '@agentteam/status';
import { timeOfLine } from '../../teams/log-time.ts';
import type { LogLine } from '../../teams/team-host.ts';
import type { Colors } from '../terminal/colors.ts';
import { fullTime } from '../terminal/quantities.ts';
import { safe } from '../terminal/safe.ts';
import { toolText } from './tool-text.ts';

/** Where a line came from: the step, and a container that is not the step's main program. */
export function sourceOf({ step, container }: LogLine): string {
  // Later attempts have a number: `Lead(1)`.
  const [, name = step, attempt = ''] = /^(.*?)(\(\d+\))?$/.exec(step) ?? [];
  const title = `${stepTitle(name)}${attempt}`;
  return container === CONTAINERS.main ? title : `${title}/${container}`;
}

/** Formats a line of a log for a person: `2026-11-29 14:00:05 +01:00 api  > Edit src/app.ts`. */
export function storyLine(line: LogLine, colors: Colors): string {
  const time = timeOfLine(line);
  const shown = time === undefined ? ' '.repeat(fullTime(0).length) : fullTime(time);
  const { text, isAside } = partsOf(line.text);
  const visible = safe(text);
  return `${colors.dim(shown)} ${colors.cyan(safe(sourceOf(line)))}  ${
    isAside ? colors.dim(visible) : visible
  }`;
}

interface Parts {
  readonly text: string;
  /** Whether it is not what somebody said, but what happened around it. */
  readonly isAside: boolean;
}

/** A line that the runner wrote of an agent: a time, a kind and a text. */
const AGENT_LINE = /^\S+Z ([a-z]+) (.*)$/s;

/** What the runner's kinds mean. A kind that is missing here is shown as it is. */
const KINDS: Readonly<Record<string, (text: string) => Parts>> = {
  says: (text) => ({ text, isAside: false }),
  tool: (text) => aside(`> ${toolText(text)}`),
  result: (text) => aside(`  ${text}`),
  turn: (text) => aside(`turn ${text}`),
  mail: (text) => aside(`mail ${text}`),
  api: (text) => aside(text),
  start: (text) => aside(text.endsWith(' resumed') ? 'started again in its session' : 'started'),
  end: (text) => ({ text, isAside: false }),
};

function partsOf(text: string): Parts {
  const event = gatewayEvent(text);
  if (event !== undefined) return { text: event, isAside: false };
  const [, kind, rest = ''] = AGENT_LINE.exec(text) ?? [];
  if (kind === undefined) return { text, isAside: false };
  const format = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return format?.(rest) ?? aside(`${kind}: ${rest}`);
}

function aside(text: string): Parts {
  return { text, isAside: true };
}

/** Fields of the gateway's lines that are the same in each line, or shown elsewhere. */
const COMMON = new Set(['level', 'time', 'team', 'agent', 'event']);

/** `! budget-warning scope=team spent=0.8`; undefined for a line that is not the gateway's. */
function gatewayEvent(text: string): string | undefined {
  if (!text.startsWith('{"level":')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['event'] !== 'string') return undefined;
  const fields = Object.entries(value)
    .filter(([name]) => !COMMON.has(name))
    .map(([name, field]) => `${name}=${typeof field === 'string' ? field : JSON.stringify(field)}`);
  const mark = value['level'] === 'info' ? [] : ['!'];
  return [...mark, value['event'], ...fields].join(' ');
}
