import { ENV } from '@agentteam/contract';
import { beforeEach, expect, test } from '@jest/globals';
import { launch } from './gateway-process.ts';
import { get, tunnel } from './outside.ts';
import { environment, makeTeam, type TestTeam } from './team.ts';

/** Says whose server it is, on every address that it has. */
const SERVER = (whose: string): string =>
  `require("node:http").createServer((_, response) => response.end("${whose}")).listen(8080, "::", () => console.log("serves"))`;

/**
 * The gateway's machine and another one, each a network namespace with a server, joined by a cable: the
 * other one has a public and a private address.
 */
const TWO_MACHINES = `
PATH=$PATH:/usr/sbin:/sbin
if [ -z "$ALONE" ]; then
  export ALONE=1
  exec unshare --map-root-user --net bash -c "$BASH_EXECUTION_STRING" "$0" "$@"
fi
ip link set lo up
coproc OTHER { exec unshare --net bash -c 'echo here; read; "$1" -e "$2"' bash "$0" '${SERVER('other')}'; }
read -r here <&"\${OTHER[0]}"
ip link add near type veth peer name far netns "$OTHER_PID"
ip address add 203.0.113.1/24 dev near; ip address add 10.9.0.1/24 dev near; ip link set near up
in_other() { nsenter --target "$OTHER_PID" --net ip "$@"; }
in_other address add 203.0.113.2/24 dev far; in_other address add 10.9.0.2/24 dev far
in_other link set lo up; in_other link set far up
echo go >&"\${OTHER[1]}"
read -r serves <&"\${OTHER[0]}"
"$0" -e '${SERVER('own')}' > >(read -r serves; echo own-serves >&2; cat >&2) &
`;

let team: TestTeam;
beforeEach(async () => {
  team = await makeTeam();
});

const start = (reach: string) =>
  launch(
    team,
    { ...environment(team, 'http://192.0.2.1'), [ENV.gatewaySocket]: 'true', [ENV.reach]: reach },
    TWO_MACHINES,
  );

test('an agent reaches public addresses, by tunnel and by plain HTTP', async () => {
  await start('public');
  expect(await get(team, 'http://203.0.113.2:8080/')).toEqual({ status: 200, text: 'other' });
  const { status, socket } = await tunnel(team, '203.0.113.2:8080');
  expect(status).toBe(200);
  socket.write('GET / HTTP/1.0\r\n\r\n');
  expect((await socket.toArray()).join('')).toMatch(/200 OK[^]*other$/);
});

test('an agent reaches a private address only where it was named', async () => {
  const { stop } = await start('public');
  expect(await get(team, 'http://10.9.0.2:8080/')).toMatchObject({ status: 403 });
  await stop();
  await start('public,10.9.0.0/24');
  expect(await get(team, 'http://10.9.0.2:8080/')).toEqual({ status: 200, text: 'other' });
});

test('an agent does not reach its machine by the addresses that others reach it by', async () => {
  await start('public,10.9.0.0/24');
  for (const own of ['203.0.113.1', '10.9.0.1']) {
    expect(await get(team, `http://${own}:8080/`)).toMatchObject({
      status: 403,
      text: expect.stringContaining('this machine'),
    });
  }
});
