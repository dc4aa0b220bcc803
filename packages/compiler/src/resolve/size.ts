const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** @returns bytes, for a size that matches the schema's pattern. */
export function parseSize(text: string): number {
  const [, count = '', unit = ''] = /^([0-9]+)(Ki|Mi|Gi)?$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit] ?? 1);
}
