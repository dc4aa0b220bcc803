import { mkdir, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { RepositorySettings } from '@agentteam/contract';
import { findFiles, readUntrusted } from '@agentteam/volume';
import { passiveText } from '../../passive/frontmatter.ts';

/** The directories of `.claude/` whose content has no effect until it is used. */
const DIRECTORIES = ['skills', 'agents', 'commands'] as const;

/** Bytes of one skill, sub-agent or command. A larger file is left out. */
const MAX_BYTES = 1 << 20;

/**
 * Brings the skills, sub-agents and commands of the repository into HOME. `skills`: without what acts by
 * itself (hooks, permissions, MCP servers). `all`: as links to the worktree. `ignore`: not at all.
 * @param claude `~/.claude`. What an earlier attempt has left there is replaced.
 * @param cwd the worktree. An agent of an earlier attempt may have changed it.
 */
export async function bringRepositoryFiles(
  claude: string,
  cwd: string,
  settings: RepositorySettings,
): Promise<void> {
  for (const name of DIRECTORIES) {
    const target = join(claude, name);
    await rm(target, { recursive: true, force: true });
    await mkdir(target);
    if (settings === 'ignore') continue;
    const source = join(cwd, '.claude', name);
    const entries = await readdir(source).catch(() => []);
    for (const entry of entries.filter((one) => !one.startsWith('.'))) {
      const [from, to] = [join(source, entry), join(target, entry)];
      await (settings === 'all' ? symlink(from, to) : copyPassive(from, to, cwd));
    }
  }
}

/**
 * Copies a file or directory of `.claude/`. Markdown files become passive; other files, which skills read or
 * run when they are used, become links to the worktree.
 */
async function copyPassive(from: string, to: string, cwd: string): Promise<void> {
  // Repositories often keep skills elsewhere and link to them. A link may not leave the repository.
  const [tree, source] = await Promise.all([realpath(cwd), realpath(from).catch(() => '')]);
  if (!source.startsWith(`${tree}${sep}`)) return;
  if ((await stat(source)).isFile()) {
    if (to.endsWith('.md')) await copyText(source, to);
    return;
  }
  for (const file of (await findFiles(source)).files) {
    const target = join(to, file);
    await mkdir(dirname(target), { recursive: true });
    if (/\.md$/i.test(file)) await copyText(join(source, file), target);
    else await symlink(join(source, file), target);
  }
}

async function copyText(from: string, to: string): Promise<void> {
  const text = await readUntrusted(from, MAX_BYTES);
  if (text !== undefined) await writeFile(to, passiveText(text));
}
