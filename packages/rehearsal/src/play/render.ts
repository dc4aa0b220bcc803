import { substitute } from '../script/references.ts';
import { placeOf, resolveReference, type Scene } from './values.ts';

/** Fields of tool inputs that hold paths. Others hold what people read: there a path stays as written. */
const PATH_FIELDS = new Set(['file_path', 'notebook_path', 'path', 'command']);

/** A path in a text, not the end of a longer one. */
const PATH = /(?<![\w./~-])\/[\w.@+-]+(?:\/[\w.@+-]+)*/g;

export function renderText(text: string, scene: Scene): string {
  return substitute(text, (reference) => resolveReference(reference, scene));
}

/**
 * A tool's input: references are replaced, and in fields for paths those of the container by those
 * of this machine.
 */
export function renderInput(input: unknown, scene: Scene, field = ''): unknown {
  if (typeof input === 'string') {
    const { paths } = scene.conversation;
    const move = (text: string): string =>
      text.replace(PATH, (path) => placeOf(path, paths) ?? path);
    return substitute(
      input,
      (reference) => resolveReference(reference, scene),
      PATH_FIELDS.has(field) ? move : undefined,
    );
  }
  if (Array.isArray(input)) return input.map((item) => renderInput(item, scene, field));
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, renderInput(value, scene, key)]),
  );
}
