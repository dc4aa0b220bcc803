import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, isRecord, parseJson } from '@agentteam/contract';
import { passiveText } from '../../passive/frontmatter.ts';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import type { FetchedCommit } from './git-source.ts';

type Json = Readonly<Record<string, unknown>>;

/** The list of a marketplace's plugins, and the manifest of a plugin. */
const MARKETPLACE = '.claude-plugin/marketplace.json';
const MANIFEST = '.claude-plugin/plugin.json';
const MAX_BYTES = 1 << 20;

/** Fields of a manifest that describe a plugin, or name its skills, commands and sub-agents. */
const PASSIVE_FIELDS = [
  'name',
  'version',
  'description',
  'author',
  'homepage',
  'repository',
  'license',
  'keywords',
  'skills',
  'commands',
  'agents',
] as const;

/** Fields of a command in a manifest that describe it. Its `content` is Markdown with a frontmatter of its own. */
const PASSIVE_COMMAND_FIELDS = ['source', 'description', 'argumentHint', 'model'];

/** What Claude Code 2.1.330 loads from a plugin's root by itself, and what acts or changes its settings. */
const ACTIVE = ['hooks', 'monitors', 'workflows', '.mcp.json', '.lsp.json', 'settings.json'];

/**
 * Finds a plugin in a marketplace.
 * @returns its directory in the repository, and the marketplace's entry.
 * @throws StepFailure that names the plugins that there are.
 */
export async function findPlugin(
  { read }: FetchedCommit,
  name: string,
): Promise<{ readonly path: string; readonly entry: Json }> {
  const list = parseJson((await read(MARKETPLACE, MAX_BYTES)) ?? '');
  const plugins = isRecord(list) && Array.isArray(list['plugins']) ? list['plugins'] : undefined;
  if (!isRecord(list) || plugins === undefined) {
    throw new StepFailure(`the commit has no marketplace: ${MARKETPLACE} is missing`, EXIT.invalid);
  }
  const entries: readonly Json[] = plugins.filter(isRecord);
  const entry = entries.find((one) => one['name'] === name);
  if (entry === undefined) {
    const names = entries.map((one) => String(one['name'])).slice(0, 20);
    const known = names.join(', ') || 'none';
    throw new StepFailure(`the marketplace has no such plugin; it has: ${known}`, EXIT.invalid);
  }
  const { source } = entry;
  if (typeof source !== 'string') {
    const message =
      'it is in another repository than the marketplace, whose commit does not pin it; name a marketplace that contains it';
    throw new StepFailure(message, EXIT.invalid);
  }
  const metadata = isRecord(list['metadata']) ? list['metadata'] : {};
  const root = source.startsWith('./') ? '' : String(metadata['pluginRoot'] ?? '');
  const parts = `${root}/${source}`.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw new StepFailure('its path leads out of the marketplace', EXIT.invalid);
  }
  return { path: parts.join('/'), entry };
}

/**
 * Makes a plugin ready to be loaded from its directory. The manifest may be in the marketplace's entry only.
 * @param all whether its hooks, MCP servers and permissions stay.
 */
export async function preparePlugin(
  directory: string,
  name: string,
  entry: Json,
  all: boolean,
): Promise<void> {
  const file = join(directory, MANIFEST);
  const own = (await exists(file)) ? parseJson(await readFile(file, 'utf8')) : undefined;
  if (own !== undefined && !isRecord(own)) {
    throw new StepFailure(`its ${MANIFEST} is not an object`, EXIT.invalid);
  }
  const {
    source: _source,
    strict: _strict,
    category: _category,
    tags: _tags,
    ...described
  } = entry;
  const manifest: Json = { ...described, ...own, name };
  if (!all) await removeActive(directory);
  const kept = all ? manifest : passive(manifest);
  await mkdir(join(directory, '.claude-plugin'), { recursive: true });
  await writeFile(file, JSON.stringify(kept, null, 2));
}

function passive(manifest: Json): Json {
  const { commands, ...kept } = pick(manifest, PASSIVE_FIELDS);
  if (!isRecord(commands)) return { ...kept, ...(commands !== undefined && { commands }) };
  const described = Object.entries(commands)
    .filter((entry): entry is [string, Json] => isRecord(entry[1]))
    .map(([name, { content, ...command }]) => [
      name,
      {
        ...pick(command, PASSIVE_COMMAND_FIELDS),
        ...(typeof content === 'string' && { content: passiveText(content) }),
      },
    ]);
  return { ...kept, commands: Object.fromEntries(described) };
}

function pick(from: Json, names: readonly string[]): Json {
  const present = names.filter((name) => from[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, from[name]]));
}

async function removeActive(directory: string): Promise<void> {
  for (const name of ACTIVE) await rm(join(directory, name), { recursive: true, force: true });
  await rm(join(directory, '.claude-plugin'), { recursive: true, force: true });
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!/\.md$/i.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    // A link could lead to a file with another name, which would keep its frontmatter.
    if (!entry.isFile()) await rm(path, { recursive: true });
    else await writeFile(path, passiveText(await readFile(path, 'utf8')));
  }
}
