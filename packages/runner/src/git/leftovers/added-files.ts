import { type GitOptions, git } from '../run.ts';
import { MAX_SEARCHED_BYTES } from './secrets.ts';

/** A version of a file that some commit of a range added, or a commit of the range itself. */
export interface AddedFile {
  readonly kind: 'file' | 'commit';
  /** Ends at the first line feed in the file's name; empty for a commit. */
  readonly path: string;
  /** Id of the blob, or of the commit. */
  readonly object: string;
  readonly bytes: number;
  /** Empty for what is larger than {@link MAX_SEARCHED_BYTES}. */
  readonly content: Buffer;
}

/** Bytes of content that one git call reads. */
const MAX_BATCH_BYTES = 16 * 1024 ** 2;

/**
 * Reads every file version that the commits of a range added, including those removed again later, and the
 * commits themselves with their messages.
 */
export async function* readAddedFiles(
  base: string,
  commit: string,
  options: GitOptions,
): AsyncGenerator<AddedFile> {
  const { stdout } = await git(['rev-list', '--objects', commit, `^${base}`], options);
  const paths = new Map(
    // git prints no path for commits, root directories, and names that begin with a line feed.
    [...stdout.matchAll(/^([0-9a-f]{40,64})(?: (.*))?$/gm)].map(([, id = '', path = '']) => [
      id,
      path,
    ]),
  );
  const added = await addedObjects([...paths.keys()], options);
  for (const [object, { kind, bytes }] of added) {
    if (bytes <= MAX_SEARCHED_BYTES) continue;
    yield { kind, path: paths.get(object) ?? '', object, bytes, content: Buffer.alloc(0) };
  }
  for (const ids of batches(added)) {
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

/** The files and commits among some objects, by id. */
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

/** The objects whose content is read, in batches for one git call each. */
function batches(added: ReadonlyMap<string, AddedObject>): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const [id, { bytes }] of added) {
    if (bytes > MAX_SEARCHED_BYTES) continue;
    if (bytes > room) {
      all.push([]);
      room = MAX_BATCH_BYTES;
    }
    room -= bytes;
    all.at(-1)?.push(id);
  }
  return all;
}
