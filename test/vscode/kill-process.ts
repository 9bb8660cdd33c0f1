// Kills a process by the file that it runs, as a lack of memory would.
import fs from 'node:fs';

/** Of the one process that runs a file below a folder: `file` is how its name ends. */
export function killProcess(folder: string, file: string): void {
  const own = fs.readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return command.some((word) => word.startsWith(folder) && word.endsWith(file));
    } catch {
      return false; // it has ended meanwhile
    }
  });
  if (own.length !== 1) throw new Error(`${own.length} processes run ${file}`);
  process.kill(Number(own[0]), 'SIGKILL');
}
