// Sends `count` numbered messages from one agent to another. The tests run several of these processes.
import { sendMail } from '@agentteam/volume';

const [teams = '', from = '', to = '', count = '0'] = process.argv.slice(2);
for (let index = 0; index < Number(count); index += 1) {
  await sendMail({ team: 'demo', teams, tasks: '' }, to, { from, text: String(index) });
}
