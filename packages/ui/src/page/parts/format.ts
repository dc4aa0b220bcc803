/** Formats a duration in milliseconds: `42 s`, `3 min 10 s`, `2 h 5 min`, `4 d 3 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export { dollars, dollarsTogether } from '@agentteam/contract/money';

/** Formats the steps of an axis, all with the same number of decimals. */
export function dollarSteps(amounts: readonly number[]): readonly string[] {
  const step = (amounts[1] ?? 1) - (amounts[0] ?? 0);
  const decimals = Math.max(2, Math.ceil(-Math.log10(step || 1)));
  return amounts.map((amount) => `$${amount.toFixed(decimals)}`);
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(1)} KiB`;
  return `${(count / 1024 / 1024).toFixed(1)} MiB`;
}

export function count(number: number, singular: string, plural: string = `${singular}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? singular : plural}`;
}

const TIME = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const DATE_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
});

/** Formats an ISO 8601 time as a time of day, in the browser's zone. */
export function clock(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '' : TIME.format(time);
}

export function dateAndTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '' : DATE_AND_TIME.format(time);
}
