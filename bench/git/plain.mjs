// The same work with plain git: one bare clone, `git worktree add`, `git merge`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './repository.mjs';

export class PlainGit {
  stores;
  #store;
  #directory;
  #agents;

  constructor(directory, agents) {
    this.#directory = directory;
    this.#store = join(directory, 'store.git');
    this.#agents = agents;
    this.stores = [this.#store];
  }

  tree(agent) {
    return join(this.#directory, 'trees', agent);
  }

  async setUp(source) {
    await mkdir(this.#directory, { recursive: true });
    await run(['init', '--quiet', '--bare', this.#store]);
    await run(['fetch', '--quiet', source, 'main:refs/heads/main'], this.#store);
    for (const agent of ['team-lead', ...this.#agents]) {
      const add = ['worktree', 'add', '--quiet', '-b', `agents/${agent}`, this.tree(agent), 'main'];
      await run(add, this.#store);
    }
  }

  async commit(agent) {
    await run(['add', '--all'], this.tree(agent));
    await run(['commit', '--quiet', '-m', `Work of ${agent}`], this.tree(agent));
  }

  async consolidate() {
    const lead = this.tree('team-lead');
    await run(['switch', '--quiet', '-c', 'teams/bench', 'main'], lead);
    for (const agent of this.#agents) {
      await run(['merge', '--quiet', '--no-ff', '-m', `Merge ${agent}`, `agents/${agent}`], lead);
    }
  }
}
