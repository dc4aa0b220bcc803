export { dollars, dollarsTogether } from '@agentteam/contract';

/** Formats milliseconds as `1:02:03` or `2:03`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/**
 * Formats a time in the local time zone: `14:00`. Adds seconds when it is less than two minutes away, and
 * the date when it is not today.
 * @param time ISO 8601.
 * @param now milliseconds since the epoch.
 */
export function timeOfDay(time: string, now: number): string {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = (date: Date): string =>
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const isNear = Math.abs(at.getTime() - now) < 120_000;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}${isNear ? `:${two(at.getSeconds())}` : ''}`;
  return day(at) === day(new Date(now)) ? clock : `${day(at)} ${clock}`;
}

/**
 * Formats a time in the local time zone, with the date and the zone: `2026-11-29 14:00:05 +01:00`.
 * @param time milliseconds since the epoch.
 */
export function fullTime(time: number): string {
  const at = new Date(time);
  const offset = -at.getTimezoneOffset();
  const two = (value: number): string => String(value).padStart(2, '0');
  // The ISO text of a shifted time has the local digits.
  const local = new Date(time + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const size = Math.abs(offset);
  return `${local} ${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Formats milliseconds as kubectl formats an age, with the largest unit only: `14m`, `2h`, `3d`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [unit, size] = UNITS.find(([, unitSize]) => seconds >= unitSize) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** Formats a number: `1,204,331`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Formats a number with a noun: `3 tasks`, `1 task`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
