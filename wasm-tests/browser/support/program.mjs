// A program that answers JSON lines with JSON lines: an engine to be judged that is quicker to build than the
// browser module.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An engine that has not answered for that long never will. */
const PATIENCE_MS = 20_000;
/** Questions that an engine has at a time; more could fill its pipe while it fills ours. */
const AT_ONCE = 64;

/**
 * A program that reads one JSON value a line and answers each at once with one JSON value a line, in
 * the same order. A question that it dies of, or takes for ever over, is answered with
 * `{ fault: 'why' }`, and the program is started anew.
 */
export class Program {
  #command;
  #running = null;

  constructor(command) {
    this.#command = command;
  }

  async ask(questions) {
    const answers = [];
    while (answers.length < questions.length) {
      const fault = await this.#exchange(questions, answers);
      if (fault) answers.push({ fault });
    }
    return answers;
  }

  stop() {
    this.#running?.child.kill('SIGKILL');
    this.#running = null;
  }

  /** Goes on with the questions not yet answered; gives why it had to stop, if it had to. */
  #exchange(questions, answers) {
    this.#running ??= this.#start();
    const { child, lines, said } = this.#running;
    let asked = answers.length;
    const ask = () => {
      for (; asked < questions.length && asked < answers.length + AT_ONCE; asked += 1) {
        child.stdin.write(`${JSON.stringify(questions[asked])}\n`);
      }
    };
    return new Promise((resolve) => {
      let timer;
      const watch = () => {
        clearTimeout(timer);
        timer = setTimeout(() => finish('no answer'), PATIENCE_MS);
      };
      const finish = (fault) => {
        clearTimeout(timer);
        lines.removeAllListeners('line');
        child.removeAllListeners('exit');
        if (fault) this.stop();
        resolve(fault);
      };
      lines.on('line', (line) => {
        answers.push(JSON.parse(line));
        if (answers.length === questions.length) finish(null);
        else {
          ask();
          watch();
        }
      });
      child.once('exit', (code, signal) => {
        finish(`exit ${code ?? signal}: ${said.join('').trim().slice(0, 500)}`);
      });
      watch();
      ask();
    });
  }

  #start() {
    const child = spawn(this.#command, { stdio: ['pipe', 'pipe', 'pipe'] });
    const said = [];
    child.stderr.on('data', (text) => said.splice(0, said.length, text.toString()));
    // A program that died cannot be written to; its exit says so.
    child.stdin.on('error', () => {});
    child.on('error', (cause) => {
      throw new Error(`the engine "${this.#command}" does not start`, { cause });
    });
    return { child, said, lines: createInterface({ input: child.stdout }) };
  }
}
