/**
 * What has changed between two JSON values. Whoever follows a value applies it, so that what has not changed is
 * neither sent again nor drawn again. This file runs in browsers as well.
 */
export type Delta =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'fields';
      readonly changed: Readonly<Record<string, Delta>>;
      readonly removed?: readonly string[];
    }
  | {
      readonly kind: 'items';
      /** Items that are no longer at the beginning. */
      readonly dropped: number;
      /** Items of the earlier list that remain behind those, some of them changed. */
      readonly kept: number;
      /** Changes by the position among those that remain. */
      readonly changed: readonly (readonly [number, Delta])[];
      readonly added: readonly unknown[];
    };

/** @returns undefined if the two values are equal. */
export function deltaOf(before: unknown, after: unknown): Delta | undefined {
  if (before === after) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return itemsDelta(before, after);
  if (isFields(before) && isFields(after)) return fieldsDelta(before, after);
  return { kind: 'value', value: after };
}

/**
 * Applies a change, which may come from any program: what it makes is never larger than the two values together.
 * Parts that it does not mention stay the same objects.
 * @throws Error for a change of another value, and for what is not a {@link Delta}.
 */
export function applyDelta(before: unknown, delta: Delta): unknown {
  if (!isFields(delta)) throw misfit();
  if (delta.kind === 'value') return delta.value;
  if (delta.kind === 'fields') {
    const { changed, removed = [] } = delta;
    if (!isFields(before) || !isFields(changed) || !Array.isArray(removed)) throw misfit();
    const gone = new Set(removed);
    const kept = Object.entries(before).filter(([name]) => !gone.has(name));
    const after = new Map<string, unknown>(kept);
    for (const [name, change] of Object.entries(changed)) {
      after.set(name, applyDelta(before[name], change));
    }
    return Object.fromEntries(after);
  }
  const { dropped, kept, changed, added } = delta;
  if (![before, changed, added].every(Array.isArray)) throw misfit();
  if (![dropped, kept].every(isIndex)) throw misfit();
  const items: unknown[] = (before as unknown[]).slice(dropped, dropped + kept);
  for (const [index, change] of changed) {
    // `length` is a member of every list, too.
    if (!isIndex(index) || index >= items.length) throw misfit();
    items[index] = applyDelta(items[index], change);
  }
  return [...items, ...added];
}

function misfit(): Error {
  return new Error('The change does not fit.');
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsDelta(before: Fields, after: Fields): Delta | undefined {
  const changed = new Map<string, Delta>();
  for (const [name, value] of Object.entries(after)) {
    const delta: Delta | undefined = Object.hasOwn(before, name)
      ? deltaOf(before[name], value)
      : { kind: 'value', value };
    if (delta !== undefined) changed.set(name, delta);
  }
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  if (changed.size === 0 && removed.length === 0) return undefined;
  return {
    kind: 'fields',
    changed: Object.fromEntries(changed),
    ...(removed.length > 0 && { removed }),
  };
}

/** Lists grow at their end, and lists of the newest items also lose some at their beginning. */
function itemsDelta(before: readonly unknown[], after: readonly unknown[]): Delta | undefined {
  const dropped = droppedOf(before, after);
  const kept = Math.min(before.length - dropped, after.length);
  const changed = after.slice(0, kept).flatMap((item, index): [number, Delta][] => {
    const delta = deltaOf(before[dropped + index], item);
    return delta === undefined ? [] : [[index, delta]];
  });
  const isSame = dropped === 0 && kept === before.length && kept === after.length;
  if (isSame && changed.length === 0) return undefined;
  return { kind: 'items', dropped, kept, changed, added: after.slice(kept) };
}

function droppedOf(before: readonly unknown[], after: readonly unknown[]): number {
  const [first] = after;
  if (after.length === 0 || isEqual(before[0], first)) return 0;
  const found = before.findIndex((item) => isEqual(item, first));
  return Math.max(0, found);
}

/** Comparing with {@link deltaOf} would take a time that doubles with each level of lists in lists. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  }
  if (!isFields(a) || !isFields(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
  );
}
