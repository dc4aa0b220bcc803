export { dollars } from '@agentteam/ledger';

/** `1:02:03` or `2:03`: a time span as a clock shows it. Milliseconds in. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** A time on the reader's own clock: `14:00`, with seconds where it is near, with the day where it is not today. */
export function timeOfDay(time: string, now: number): string {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = (date: Date): string =>
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const isNear = Math.abs(at.getTime() - now) < 120_000;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}${isNear ? `:${two(at.getSeconds())}` : ''}`;
  return day(at) === day(new Date(now)) ? clock : `${day(at)} ${clock}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** `14m`, `2h`, `3d`: an age as kubectl prints it, the largest unit alone. Milliseconds in. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [unit, size] = UNITS.find(([, unitSize]) => seconds >= unitSize) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** `1,204,331`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `3 tasks`, `1 task`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
