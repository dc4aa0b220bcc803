import { readTime } from '../values/time.ts';
import { isRecord, plainText } from '../values/untrusted.ts';

/** Thrown where figures are invalid. The message says where, and what was expected; it quotes no input. */
export class InvalidFigures extends Error {}

/** Larger counts are invalid: no real team reaches this number, and sums of larger ones are not exact. */
const MOST_COUNTED = 1e14;
/** A name of a team, an agent or a credential. */
export const NAME: RegExp = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/;
/** An amount of US dollars. */
export const USD: RegExp = /^\d{1,12}(\.\d{1,18})?$/;

/** The functions below check one field each. @param path names the field in the error. @throws InvalidFigures */
export function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new InvalidFigures(`${path} is not an object`);
}

export function count(value: unknown, path: string): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_COUNTED) {
    return Number(value);
  }
  throw new InvalidFigures(`${path} is not a count`);
}

export function counts<Name extends string>(
  value: unknown,
  path: string,
  names: readonly Name[],
): Readonly<Record<Name, number>> {
  const all = record(value, path);
  const read = names.map((name) => [name, count(all[name], `${path}.${name}`)] as const);
  return Object.fromEntries(read) as Record<Name, number>;
}

export function text(
  from: Readonly<Record<string, unknown>>,
  field: string,
  path: string,
  pattern: RegExp,
): string {
  const value = from[field];
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new InvalidFigures(`${path} is not ${pattern === USD ? 'an amount of dollars' : 'a name'}`);
}

export function optionalText(
  from: Readonly<Record<string, unknown>>,
  field: string,
  path: string,
  longest: number,
): string | undefined {
  const value = from[field];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return plainText(value, longest);
  throw new InvalidFigures(`${path}.${field} is not text`);
}

export function optionalTime(
  from: Readonly<Record<string, unknown>>,
  field: string,
  path: string,
): string | undefined {
  const value = from[field];
  if (value === undefined) return undefined;
  const at = readTime(value);
  if (at !== undefined) return at;
  throw new InvalidFigures(`${path === '' ? '' : `${path}.`}${field} is not a time`);
}
