import { ENV, EXIT, PATHS } from '@agentteam/contract';
import {
  listPersonMessages,
  PersonMessageError,
  RefusedError,
  requestInterrupt,
  sendPersonMessage,
  writeAnswer,
} from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';
import { printError } from '../step/print.ts';

/**
 * `agentteam-runner people tell AGENT NAME TEXT` sends a person's message to an agent, `people interrupt AGENT
 * NAME` interrupts its turn, `people answer QUESTION NAME TEXT` answers a question of an agent, and `people list`
 * prints all messages as JSON, by agent. The CLI runs it in the gateway of a pod: an agent's container
 * cannot write where the messages are, and agents have no right to run anything in a pod.
 */
export async function peopleCommand(
  env: NodeJS.ProcessEnv,
  argv: readonly string[],
): Promise<number> {
  const control = await mounted(env[ENV.root] ?? '', PATHS.control);
  const [verb, agent, by, text] = argv;
  try {
    if (verb === 'list' && argv.length === 1) {
      print(Object.fromEntries(await listPersonMessages(control)));
      return EXIT.ok;
    }
    // Arguments: the question's id, the name of the person, the answer.
    if (verb === 'answer' && agent !== undefined && by !== undefined && text !== undefined) {
      print(await writeAnswer(control, { id: agent, by, text, via: 'agentteam' }));
      return EXIT.ok;
    }
    if (verb === 'tell' && agent !== undefined && by !== undefined && text !== undefined) {
      print(await sendPersonMessage(control, agent, { by, text }));
      return EXIT.ok;
    }
    if (verb === 'interrupt' && agent !== undefined && by !== undefined && argv.length === 3) {
      print(await requestInterrupt(control, agent, by));
      return EXIT.ok;
    }
  } catch (error) {
    const isRefusal = [PersonMessageError, RefusedError, RangeError].some(
      (kind) => error instanceof kind,
    );
    if (!isRefusal) throw error;
    printError((error as Error).message);
    return EXIT.failed;
  }
  printError(USAGE);
  return EXIT.invalid;
}

const USAGE =
  'usage: agentteam-runner people list | people tell AGENT NAME TEXT | people interrupt AGENT NAME | people answer QUESTION NAME TEXT';

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
