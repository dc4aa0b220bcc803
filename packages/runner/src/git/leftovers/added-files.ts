import { type GitOptions, git } from '../run.ts';

/** A file's content, or a commit's own text, that some commit of a range added. */
export interface AddedFile {
  readonly kind: 'file' | 'commit';
  /** Up to a line end in its name; empty for a commit. */
  readonly path: string;
  /** Id of the content. */
  readonly object: string;
  readonly bytes: number;
  /** Empty where it is too large to be looked into: nobody writes such a file by hand. */
  readonly content: Buffer;
}

const MOST_BYTES = 1024 ** 2;
/** Content that is read at once. */
const MOST_AT_ONCE = 16 * 1024 ** 2;

/**
 * Reads all that the commits of a range added, also what a later one took away. A commit's text is its
 * message with its author and committer.
 */
export async function* readAddedFiles(
  base: string,
  commit: string,
  options: GitOptions,
): AsyncGenerator<AddedFile> {
  const { stdout } = await git(['rev-list', '--objects', commit, `^${base}`], options);
  const paths = new Map(
    // Nothing stands behind the id of a commit, of a root directory, or of a name that begins with a line end.
    [...stdout.matchAll(/^([0-9a-f]{40,64})(?: (.*))?$/gm)].map(([, id = '', path = '']) => [
      id,
      path,
    ]),
  );
  const added = await addedObjects([...paths.keys()], options);
  for (const [object, { kind, bytes }] of added) {
    if (bytes <= MOST_BYTES) continue;
    yield { kind, path: paths.get(object) ?? '', object, bytes, content: Buffer.alloc(0) };
  }
  for (const ids of chunks(added)) {
    const input = ids.map((id) => `${id}\n`).join('');
    const batch = await git(['cat-file', '--batch'], { ...options, input, encoding: 'latin1' });
    let rest = batch.stdout;
    for (const object of ids) {
      const start = rest.indexOf('\n') + 1;
      const { kind, bytes } = added.get(object) ?? NOTHING;
      const content = Buffer.from(rest.slice(start, start + bytes), 'latin1');
      yield { kind, path: paths.get(object) ?? '', object, bytes, content };
      rest = rest.slice(start + bytes + 1);
    }
  }
}

type AddedObject = Pick<AddedFile, 'kind' | 'bytes'>;

const NOTHING: AddedObject = { kind: 'file', bytes: 0 };

/** The files and commits among some objects. */
async function addedObjects(
  ids: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, AddedObject>> {
  const input = ids.map((id) => `${id}\n`).join('');
  const check = '--batch-check=%(objecttype) %(objectsize) %(objectname)';
  const { stdout } = await git(['cat-file', check], { ...options, input });
  const objects = stdout.matchAll(/^(blob|commit) ([0-9]+) ([0-9a-f]+)$/gm);
  return new Map(
    [...objects].map(([, type, size, id = '']) => [
      id,
      { kind: type === 'commit' ? 'commit' : 'file', bytes: Number(size) },
    ]),
  );
}

/** The smaller ones, in parts that can be read at once. */
function chunks(added: ReadonlyMap<string, AddedObject>): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const [id, { bytes }] of added) {
    if (bytes > MOST_BYTES) continue;
    if (bytes > room) {
      all.push([]);
      room = MOST_AT_ONCE;
    }
    room -= bytes;
    all.at(-1)?.push(id);
  }
  return all;
}
