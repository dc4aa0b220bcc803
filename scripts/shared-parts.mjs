// Finds the parts that schemas have in common. Written once, they keep the generated files small, which the CLI
// reads at every start.

/** Smaller parts are not worth a name. In characters of JSON. */
const SMALLEST = 200;

/**
 * Replaces each object that occurs several times in some values, parts before what contains them.
 * @param values name → value.
 * @param refer makes what stands in the place of a part, from the part's number.
 * @returns the values with their parts replaced, and the parts, which refer only to parts before them.
 */
export function shareParts(values, refer) {
  const counts = new Map();
  for (const value of Object.values(values)) count(value, counts);
  const numbers = new Map();
  const parts = [];
  const replaced = (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const text = JSON.stringify(value);
    const isShared = counts.get(text) > 1;
    if (isShared && numbers.has(text)) return refer(numbers.get(text));
    const copy = Array.isArray(value)
      ? value.map(replaced)
      : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one)]));
    if (!isShared) return copy;
    numbers.set(text, parts.length);
    parts.push(copy);
    return refer(numbers.get(text));
  };
  const shared = Object.entries(values).map(([name, value]) => [name, replaced(value)]);
  return { values: Object.fromEntries(shared), parts };
}

/** Counts the schemas, which have a type, by their text. What is in a part that is counted already counts once. */
function count(value, counts) {
  if (typeof value !== 'object' || value === null) return;
  const text = JSON.stringify(value);
  if (typeof value.type === 'string' && text.length >= SMALLEST) {
    const known = counts.get(text) ?? 0;
    counts.set(text, known + 1);
    if (known > 0) return;
  }
  for (const one of Object.values(value)) count(one, counts);
}
