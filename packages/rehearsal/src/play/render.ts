import { substitute } from '../script/references.ts';
import { placeOf, resolveReference, type Scene } from './values.ts';

/** Fields of tool inputs that contain paths. In other fields, which people read, paths are not replaced. */
const PATH_FIELDS = new Set(['file_path', 'notebook_path', 'path', 'command']);

/** An absolute path in a text, but not the end of a longer path. */
const PATH = /(?<![\w./~-])\/[\w.@+-]+(?:\/[\w.@+-]+)*/g;

export function renderText(text: string, scene: Scene): string {
  return substitute(text, (reference) => resolveReference(reference, scene));
}

/** Replaces the references in a tool's input, and container paths by paths of this machine. */
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
