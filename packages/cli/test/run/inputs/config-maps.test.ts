import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PATHS } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { configMapsIn } from '../../../src/run/inputs/config-map-documents.ts';
import { type ConfigMapSources, resolveConfigMaps } from '../../../src/run/inputs/config-maps.ts';
import type { Need } from '../../../src/run/inputs/needs.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

const need = (name: string, mountPath: string, optional = false): Need => ({
  name,
  usedBy: ['researcher'],
  mountPaths: [mountPath],
  optional,
});

const data = need('quarterly-data', '/workspace/data');
const skill = need('data-analysis-skill', `${PATHS.skills}/data-analysis`);

async function sources(changes: Partial<ConfigMapSources> = {}): Promise<{
  readonly target: string;
  readonly beside: string;
  readonly sources: ConfigMapSources;
}> {
  const beside = await temporary();
  const target = join(await temporary(), 'configmaps');
  const teamFile = join(beside, 'team.yaml');
  return {
    target,
    beside,
    sources: {
      given: new Map(),
      documents: new Map(),
      keys: new Map(),
      teamFile,
      rehearsal: false,
      ...changes,
    },
  };
}

describe('a ConfigMap is read', () => {
  test('from a directory given by an option', async () => {
    const given = await temporary();
    await writeFile(join(given, 'q3.csv'), 'region,revenue\n');
    const { sources: from, target } = await sources({ given: new Map([[data.name, given]]) });
    const { directories } = await resolveConfigMaps([data], from, target);
    expect(await readFile(join(directories.get(data.name) ?? '', 'q3.csv'), 'utf8')).toBe(
      'region,revenue\n',
    );
  });

  test('from a single file, whose name becomes the key', async () => {
    const file = join(await temporary(), 'q3.csv');
    await writeFile(file, 'a,b\n');
    const { sources: from, target } = await sources({ given: new Map([[data.name, file]]) });
    await resolveConfigMaps([data], from, target);
    expect(await readdir(join(target, data.name))).toEqual(['q3.csv']);
  });

  test('from a document in the team file', async () => {
    const documents = configMapsIn([
      { kind: 'AgentTeam', metadata: { name: 't' } },
      {
        kind: 'ConfigMap',
        metadata: { name: 'quarterly-data' },
        data: { 'q3.csv': 'a,b', '../x': 'no' },
        binaryData: { 'logo.png': 'AAH/' },
      },
    ]);
    const { sources: from, target } = await sources({ documents });
    await resolveConfigMaps([data], from, target);
    expect((await readdir(join(target, data.name))).toSorted()).toEqual(['logo.png', 'q3.csv']);
    expect([...(await readFile(join(target, data.name, 'logo.png')))]).toEqual([0, 1, 255]);
  });

  test('from configmaps/<name>/ beside the team file', async () => {
    const { sources: from, target, beside } = await sources();
    await mkdir(join(beside, 'configmaps', data.name), { recursive: true });
    await writeFile(join(beside, 'configmaps', data.name, 'q3.csv'), 'a,b\n');
    const { notes } = await resolveConfigMaps([data], from, target);
    expect(await readdir(join(target, data.name))).toEqual(['q3.csv']);
    expect(notes).toEqual([]);
  });

  test('beside the team file through links that stay there', async () => {
    const { sources: from, target, beside } = await sources();
    await mkdir(join(beside, 'configmaps'));
    await mkdir(join(beside, 'shared'));
    await writeFile(join(beside, 'shared', 'q3.csv'), 'a,b\n');
    await symlink('../shared', join(beside, 'configmaps', data.name));
    await resolveConfigMaps([data], from, target);
    expect(await readdir(join(target, data.name))).toEqual(['q3.csv']);
  });

  test('beside the team file through no link that leads elsewhere', async () => {
    const { sources: from, target, beside } = await sources();
    const elsewhere = await temporary();
    await writeFile(join(elsewhere, 'id_rsa'), 'private');
    const directory = join(beside, 'configmaps', data.name);
    await mkdir(join(beside, 'configmaps'));
    await symlink(elsewhere, directory);
    const whole = { message: expect.stringContaining('which is not beside the team file') };
    await expect(resolveConfigMaps([data], from, target)).rejects.toMatchObject(whole);
    await rm(directory);
    await mkdir(directory);
    await symlink(join(elsewhere, 'id_rsa'), join(directory, 'key'));
    const single = { message: expect.stringContaining(join(directory, 'key')) };
    await expect(resolveConfigMaps([data], from, target)).rejects.toMatchObject(single);
    expect(await readdir(join(target, data.name))).toEqual([]);
  });
});

describe('a missing ConfigMap', () => {
  test('is an error that lists all missing ConfigMaps, with a hint', async () => {
    const { sources: from, target } = await sources();
    await expect(resolveConfigMaps([data, skill], from, target)).rejects.toMatchObject({
      message: 'ConfigMaps not found: quarterly-data, data-analysis-skill',
      hint: expect.stringContaining('--configmap quarterly-data=PATH'),
      exitCode: 2,
    });
  });

  test('has a stand-in in a rehearsal, with a note', async () => {
    const { sources: from, target } = await sources({ rehearsal: true });
    const { notes } = await resolveConfigMaps([data, skill], from, target);
    expect(await readdir(join(target, data.name))).toEqual(['README.md']);
    expect(await readFile(join(target, skill.name, 'SKILL.md'), 'utf8')).toMatch(
      /^---\nname: data-analysis-skill\ndescription: .+\n---\n$/,
    );
    expect(notes).toHaveLength(2);
  });

  test('is ignored if it is optional', async () => {
    const { sources: from, target } = await sources();
    const { directories } = await resolveConfigMaps([need('prices', '/etc', true)], from, target);
    expect(directories.size).toBe(0);
  });
});
