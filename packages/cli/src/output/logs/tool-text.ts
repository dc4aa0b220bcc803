import { isRecord, shownName, shownTool } from '@agentteam/contract';

/** Fields that say best what a call of a tool is about, best first. */
const BEST = [
  'command',
  'file_path',
  'path',
  'pattern',
  'url',
  'query',
  'description',
  'summary',
  'question',
];

/** A field at the beginning of JSON that may be cut off. */
const FIRST_FIELD = /^\{"(\w+)":"((?:[^"\\]|\\.)*)/s;

/** A message or its summary, in JSON that may be cut off. */
const MESSAGE = /,"(?:message|summary)":"((?:[^"\\]|\\.)*)/s;

/**
 * Shortens a call of a tool for a person: `Bash {"command":"npm test"}` becomes `Bash npm test`.
 * @param call the tool's name and its input as JSON, of which the runner may have cut off the end.
 */
export function toolText(call: string): string {
  const space = call.indexOf(' ');
  const name = shownTool(space === -1 ? call : call.slice(0, space));
  if (space === -1) return name;
  const json = call.slice(space + 1);
  const what = (whatOf(json) ?? json).replace(/\s+/g, ' ').trim();
  return what === '' || what === '{}' ? name : `${name} ${what}`;
}

function whatOf(json: string): string | undefined {
  const input = parsed(json);
  if (!isRecord(input)) {
    const [, field, first] = FIRST_FIELD.exec(json) ?? [];
    const text = unquoted(first);
    if (text === undefined) return undefined;
    return field === 'to'
      ? `to ${shownName(text)}: ${cut(unquoted(MESSAGE.exec(json)?.[1]) ?? '')}`
      : cut(text);
  }
  const { to, message, outcome, taskId, status, owner } = input;
  if (typeof to === 'string' && typeof message === 'string')
    return `to ${shownName(to)}: ${message}`;
  if (typeof outcome === 'string') return outcome;
  if (typeof taskId === 'string') {
    const whose = typeof owner === 'string' ? `for ${shownName(owner)}` : undefined;
    return [`#${taskId}`, status, whose].filter((part) => typeof part === 'string').join(' ');
  }
  const field = BEST.find((known) => typeof input[known] === 'string');
  return field === undefined ? undefined : String(input[field]);
}

/** The text of a JSON string without its quotation marks. */
function unquoted(string: string | undefined): string | undefined {
  const text = string === undefined ? undefined : parsed(`"${string}"`);
  return typeof text === 'string' ? text : undefined;
}

/** The runner marks the end of a text that it has cut. */
function cut(text: string): string {
  return `${text.replace(/…$/, '')}…`;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
