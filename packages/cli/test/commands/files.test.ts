import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { temporaryDirectories } from '../temporary.ts';
import { agentteam } from './agentteam.ts';

const temporary = temporaryDirectories();

describe('init', () => {
  test.each(['cowork', 'coding'])('writes a valid %s team', async (mode) => {
    const cwd = await temporary();
    const written = await agentteam(['init', 'my team.yaml', '--mode', mode, '--name', '1.5'], cwd);
    expect(written).toMatchObject({ exitCode: 0, stderr: '' });
    const text = await readFile(join(cwd, 'my team.yaml'), 'utf8');
    expect(text).toContain("agentteam run 'my team.yaml' --rehearse\n");
    expect(await agentteam(['validate', 'my team.yaml'], cwd)).toMatchObject({
      exitCode: 0,
      stdout: '✓ my team.yaml is valid',
    });
  });

  test('does not overwrite a file', async () => {
    const cwd = await temporary();
    await writeFile(join(cwd, 'team.yaml'), 'mine');
    const again = await agentteam(['init'], cwd);
    expect(again).toMatchObject({ exitCode: 1, stdout: '' });
    expect(again.stderr).toContain('team.yaml already exists');
    expect(await readFile(join(cwd, 'team.yaml'), 'utf8')).toBe('mine');
  });
});

describe('validate', () => {
  test('lists every problem and exits with 2', async () => {
    const cwd = await temporary();
    await agentteam(['init'], cwd);
    const text = await readFile(join(cwd, 'team.yaml'), 'utf8');
    const broken = text
      .replace('dependsOn: ["researcher"]', 'dependsOn: ["reseacher"]')
      .replace('timeout: "1h"', 'timeout: "never"');
    await writeFile(join(cwd, 'team.yaml'), broken);
    const { exitCode, stdout, stderr } = await agentteam(['validate', 'team.yaml'], cwd);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/team\.yaml:\d+:\d+: .*reseacher/);
    expect(stderr).toContain('✗ 2 problems');
    const asJson = await agentteam(['validate', '--json', 'team.yaml'], cwd);
    expect(JSON.parse(asJson.stdout)).toMatchObject([
      { file: 'team.yaml', valid: false, problems: [{ line: expect.any(Number) }, {}] },
    ]);
  });

  test('prints warnings and exits with 0', async () => {
    const cwd = await temporary();
    await agentteam(['init'], cwd);
    const file = join(cwd, 'team.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace(/^ {2}auth:\n(?: {4}.*\n)+/m, '  auth: { apiKeySecret: a, oauthSecret: b }\n'),
    );
    for (const command of ['validate', 'plan']) {
      const { exitCode, stderr } = await agentteam([command, 'team.yaml'], cwd);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(stderr).toMatch(/team\.yaml:\d+:\d+: .*warning: .* is ignored \[two-credentials\]/);
    }
  });

  test.each([
    ['missing.yaml', 'there is no file missing.yaml'],
    ['.', '. is a directory'],
  ])('reports %s without a stack trace', async (file, message) => {
    const { exitCode, stderr } = await agentteam(['validate', file], await temporary());
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

test('validate reports a file that cannot be read and checks the others', async () => {
  const cwd = await temporary();
  await agentteam(['init'], cwd);
  const text = await readFile(join(cwd, 'team.yaml'), 'utf8');
  const accented = text.replace('kind:', '# r\u00e9sum\u00e9\nkind:');
  await writeFile(join(cwd, 'latin.yaml'), accented, 'latin1');
  const at = accented.split('\n').findIndex((line) => line.includes('\u00e9')) + 1;
  const files = ['missing.yaml', 'latin.yaml', 'team.yaml'];
  const { exitCode, stdout, stderr } = await agentteam(['validate', ...files], cwd);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '\u2713 team.yaml is valid' });
  expect(stderr).toContain('there is no file missing.yaml [unreadable]');
  expect(stderr).toContain(`line ${at} of latin.yaml is not UTF-8 text [unreadable]`);
});

describe('an unusable argument exits with 2, without a stack trace', () => {
  test.each([
    [['init', '.', '--force'], '. is a directory'],
    [['init', '.'], '. is a directory'],
    [['init', 'team.yaml/x'], 'team.yaml/x: its directory does not exist'],
    [['init', 'x'.repeat(300)], 'the name is too long'],
    [['run', 'team.yaml', '--rehearse', '--dir', 'file/x'], 'is not a directory'],
    [['init', 'nowhere/team.yaml'], 'nowhere/team.yaml: its directory does not exist'],
    [['validate', 'loop.yaml'], 'loop.yaml is a link that leads back to itself'],
    [['init', 'loop.yaml/x'], 'loop.yaml/x is a link that leads back to itself'],
    [['validate', 'x'.repeat(300)], 'the name is too long'],
    [['list', '--dir', 'file'], '/file is a file'],
    [['run', 'team.yaml', '--rehearse', '--output', 'file'], '/file is a file'],
    [['run', 'team.yaml', '--rehearse', '--name', 'My Run'], '`My Run` is not a valid name'],
    [['run', 'team.yaml', '--rehearse', '--configmap', 'dta=file'], 'uses no such ConfigMap'],
    [['run', 'team.yaml', '--rehearse', '--volume', 'dta=.'], 'It uses: my-team-output.'],
    [['run', 'team.yaml', '--rehearse', '--secret', 'key=file'], 'It uses: anthropic-api-key.'],
  ])('%j', async (args, message) => {
    const cwd = await temporary();
    await agentteam(['init'], cwd);
    await writeFile(join(cwd, 'file'), '');
    await symlink('loop.yaml', join(cwd, 'loop.yaml'));
    const { exitCode, stderr } = await agentteam(args, cwd);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('--verbose');
  });
});

test('run refuses --output for a team without an output', async () => {
  const cwd = await temporary();
  await agentteam(['init', '--mode', 'coding'], cwd);
  const args = ['run', 'team.yaml', '--rehearse', '--output', 'results'];
  const { exitCode, stderr } = await agentteam(args, cwd);
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--output needs a team with spec.workspace.output'),
  });
});

test('submit checks --name before it sends anything', async () => {
  const cwd = await temporary();
  await agentteam(['init'], cwd);
  const { exitCode, stderr } = await agentteam(
    ['submit', 'team.yaml', '--name', 'Review 42', '--dry-run=client'],
    cwd,
  );
  expect(exitCode).toBe(2);
  expect(stderr).toContain('`Review 42` is not a valid name for a team');
});

describe('compile and graph', () => {
  test('compile prints a Workflow, the same bytes each time, as YAML or JSON', async () => {
    const cwd = await temporary();
    await agentteam(['init'], cwd);
    const [first, second, json] = await Promise.all([
      agentteam(['compile', 'team.yaml'], cwd),
      agentteam(['compile', 'team.yaml'], cwd),
      agentteam(['compile', 'team.yaml', '-o', 'json'], cwd),
    ]);
    expect(first.stdout).toBe(second.stdout);
    expect(parse(first.stdout)).toEqual(JSON.parse(json.stdout));
    expect(parse(first.stdout)).toMatchObject({ kind: 'Workflow', metadata: { name: 'my-team' } });
  });

  test('compile lists the prerequisites, and --needs prints the objects to create', async () => {
    const cwd = await temporary();
    await agentteam(['init', 'my team.yaml', '--name', 'report'], cwd);
    const compiled = await agentteam(['compile', 'my team.yaml'], cwd);
    expect(compiled.stderr).toContain(
      'service account agentteam-executor with its token, claim report-team, claim report-output; to create them, run:\n' +
        "    agentteam compile 'my team.yaml' --needs | kubectl apply -f -\n" +
        '  Secret anthropic-api-key, with ANTHROPIC_API_KEY',
    );
    const workflow = parse(compiled.stdout);
    const trusting = await agentteam(['compile', 'my team.yaml', '--trust', 'company-ca'], cwd);
    expect(trusting.stderr).toContain('  ConfigMap company-ca, with ca.crt');
    const needs = await agentteam(['compile', 'my team.yaml', '--needs'], cwd);
    expect(needs).toMatchObject({ exitCode: 0, stderr: '' });
    const objects = parseAllDocuments(needs.stdout).map((document) => document.toJS());
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const { serviceAccountName } = workflow.spec.executor;
    expect(names).toEqual([
      ...['ServiceAccount', 'Role', 'RoleBinding'].map((kind) => `${kind} ${serviceAccountName}`),
      `Secret ${serviceAccountName}.service-account-token`,
      'PersistentVolumeClaim report-team',
      'PersistentVolumeClaim report-output',
    ]);
    const json = await agentteam(['compile', 'my team.yaml', '--needs', '--json'], cwd);
    expect(JSON.parse(json.stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
  });

  test('compile exits with 2 and prints no Workflow for an invalid team', async () => {
    const cwd = await temporary();
    await writeFile(join(cwd, 'team.yaml'), 'kind: AgentTeam\n');
    const { exitCode, stdout, stderr } = await agentteam(['compile', 'team.yaml'], cwd);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('✗ team.yaml is not valid');
  });

  test('graph draws the team', async () => {
    const cwd = await temporary();
    await agentteam(['init'], cwd);
    const { stdout } = await agentteam(['graph', 'team.yaml'], cwd);
    expect(stdout).toMatch(/writer +researcher/);
    const mermaid = await agentteam(['graph', 'team.yaml', '--format', 'mermaid'], cwd);
    expect(mermaid.stdout).toContain('s_researcher --> s_writer');
  });

  test('a team file can be read from standard input', async () => {
    const cwd = await temporary();
    const { exitCode, stderr } = await agentteam(['validate', '-'], cwd);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('<stdin>');
  });
});
