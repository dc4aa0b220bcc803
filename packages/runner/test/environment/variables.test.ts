import { ENV, isReservedVariable } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { claudeEnvironment } from '../../src/agent/claude-code/launch.ts';
import { useOwnPrograms } from '../../src/environment/own-programs.ts';
import { commandVariables } from '../../src/environment/variables.ts';

const GATEWAY = { url: 'http://127.0.0.1:1', token: 't', instance: 'one', statusUrl: '' };

function launched(runnerEnv: NodeJS.ProcessEnv, own = {}, image = {}) {
  return claudeEnvironment({
    ...{ home: '/home/agent', gateway: GATEWAY, runnerEnv, agentEnv: {} },
    ...{ variables: { image, own }, commandScript: '/script' },
  });
}

test('in our own image nothing changes, and nothing is inherited', async () => {
  const env = { PATH: '/bin', SECRET: 'x', LD_PRELOAD: 'y' };
  expect(useOwnPrograms(env)).toBe(env);
  expect(await commandVariables(env, {}, '')).toEqual({ image: {}, own: {} });
});

test('in another image the runner finds its own programs first, and the agent those of the image', () => {
  const own: NodeJS.ProcessEnv = { PATH: '/go/bin:/bin', [ENV.runtime]: '/rt' };
  const env = useOwnPrograms(own);
  expect(env['PATH']).toBe('/go/bin:/bin:/rt/path');
  expect(env[ENV.claude]).toBe('/rt/bin/claude');
  expect(own['PATH']).toBe('/rt/bin:/go/bin:/bin');
});

test('a PATH that the team sets still ends with the programs that the image may lack', async () => {
  const variables = [{ name: 'PATH', value: '/opt/go/bin:/bin' }];
  const { own } = await commandVariables({ [ENV.runtime]: '/rt' }, { variables }, '');
  expect(own).toEqual({ PATH: '/opt/go/bin:/bin:/rt/path' });
});

test('of the image’s variables, those that lead past the gateway or into our programs are left out', async () => {
  const env = {
    ...{ [ENV.runtime]: '/rt', [ENV.spec]: '{}', PATH: '/bin', GOPATH: '/go', USER: 'root' },
    ...{ ANTHROPIC_BASE_URL: 'http://x', https_proxy: 'http://x', HTTP_PROXY: 'http://x' },
    ...{ CLAUDE_CODE_USE_BEDROCK: '1', KUBERNETES_SERVICE_HOST: 'x', ARGO_NODE_ID: 'x' },
    ...{ GIT_DIR: '/x', LD_PRELOAD: '', LD_LIBRARY_PATH: '', NODE_OPTIONS: '', BUN_OPTIONS: '' },
  };
  const { image } = await commandVariables(env, {}, '');
  expect(image).toMatchObject({ PATH: '/bin', GOPATH: '/go', USER: 'root', LOGNAME: 'agent' });
  expect(
    Object.keys(image)
      .filter((name) => name in env)
      .sort(),
  ).toEqual(['GOPATH', 'PATH', 'USER']);
});

test('variables that would change how Claude Code starts are not in its environment', () => {
  const env = launched({}, { MODE: 'test', LD_PRELOAD: '/x.so', NODE_OPTIONS: '--x' });
  expect(env).toMatchObject({ MODE: 'test', CLAUDE_ENV_FILE: '/script' });
  expect(env).not.toHaveProperty('LD_PRELOAD');
  expect(env).not.toHaveProperty('NODE_OPTIONS');
});

test('a team can set none of the variables that connect an agent to its gateway', () => {
  const basic = ['PATH', 'LANG', 'TMPDIR'];
  const fixed = Object.keys(launched({})).filter((name) => !basic.includes(name));
  expect(fixed.filter((name) => !isReservedVariable(name))).toEqual([]);
});
