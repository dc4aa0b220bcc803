import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The content of `<dir>/hosting/<owner>/<repo>/<number>.json`. */
export interface PullRequest {
  readonly owner: string;
  readonly repo: string;
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
}

/** The pull requests of a rehearsal. */
export class PullRequests {
  readonly #directory: string | undefined;
  readonly #all: Map<string, PullRequest>;
  #written: Promise<void> = Promise.resolve();

  private constructor(directory: string | undefined, all: Map<string, PullRequest>) {
    this.#directory = directory;
    this.#all = all;
  }

  static async open(dir: string | undefined): Promise<PullRequests> {
    const all = new Map<string, PullRequest>();
    if (dir === undefined) return new PullRequests(undefined, all);
    const directory = join(dir, 'hosting');
    await mkdir(directory, { recursive: true });
    for (const path of await readdir(directory, { recursive: true })) {
      if (!path.endsWith('.json')) continue;
      const pull = JSON.parse(await readFile(join(directory, path), 'utf8')) as PullRequest;
      all.set(keyOf(pull), pull);
    }
    return new PullRequests(directory, all);
  }

  /** Newest first, as on GitHub. */
  list(owner: string, repo: string): readonly PullRequest[] {
    return [...this.#all.values()]
      .filter((pull) => pull.owner === owner && pull.repo === repo)
      .toSorted((a, b) => b.number - a.number);
  }

  find(owner: string, repo: string, number: number): PullRequest | undefined {
    return this.#all.get(keyOf({ owner, repo, number }));
  }

  async save(pull: PullRequest): Promise<void> {
    this.#all.set(keyOf(pull), pull);
    this.#written = this.#written.then(() => this.#write(pull));
    await this.#written;
  }

  async #write(pull: PullRequest): Promise<void> {
    if (this.#directory === undefined) return;
    const directory = join(this.#directory, pull.owner, pull.repo);
    await mkdir(directory, { recursive: true });
    const path = join(directory, `${pull.number}.json`);
    await writeFile(`${path}.tmp`, `${JSON.stringify(pull, null, 2)}\n`);
    await rename(`${path}.tmp`, path);
  }
}

function keyOf({ owner, repo, number }: Pick<PullRequest, 'owner' | 'repo' | 'number'>): string {
  return `${owner}/${repo}#${number}`;
}
