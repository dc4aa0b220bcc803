import { isRecord } from '@agentteam/contract';

/** Fields that say best what a call of a tool is about, best first. */
const BEST = ['command', 'file_path', 'path', 'pattern', 'url', 'query', 'description', 'summary'];

/** A field at the beginning of JSON that may be cut off. */
const FIRST_FIELD = /^\{"\w+":"((?:[^"\\]|\\.)*)/s;

/**
 * Shortens a call of a tool for a person: `Bash {"command":"npm test"}` becomes `Bash npm test`.
 * @param call the tool's name and its input as JSON, of which the runner may have cut off the end.
 */
export function toolText(call: string): string {
  const space = call.indexOf(' ');
  if (space === -1) return call;
  const name = call.slice(0, space);
  const json = call.slice(space + 1);
  const what = (whatOf(json) ?? json).replace(/\s+/g, ' ').trim();
  return what === '' || what === '{}' ? name : `${name} ${what}`;
}

function whatOf(json: string): string | undefined {
  const input = parsed(json);
  if (!isRecord(input)) {
    const first = FIRST_FIELD.exec(json)?.[1];
    const text = first === undefined ? undefined : parsed(`"${first}"`);
    // The runner marks the end of a text that it has cut.
    return typeof text === 'string' ? `${text.replace(/…$/, '')}…` : undefined;
  }
  const { to, message, outcome } = input;
  if (typeof to === 'string' && typeof message === 'string') return `to ${to}: ${message}`;
  if (typeof outcome === 'string') return outcome;
  const field = BEST.find((known) => typeof input[known] === 'string');
  return field === undefined ? undefined : String(input[field]);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
