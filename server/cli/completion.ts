// Shell completion, made from the commands themselves: the script of each shell asks for nothing at run time.
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly string[];
}

interface CompletedOption {
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Empty: any value. */
  readonly choices: readonly string[];
}

export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map(completed);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      // zsh reads bash's.
      return `#compdef pymem-lint\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

function completed(command: Command): Completed {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined),
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    arguments: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  };
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, arguments: words }) => {
    const all = [...options.flatMap(({ names }) => names), ...words].join(' ');
    const values = options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => {
        const reply =
          choices.length === 0
            ? 'COMPREPLY=($(compgen -f -- "$word"))'
            : `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$word"))`;
        return `        ${names.join('|')}) ${reply}; return ;;`;
      });
    return `    ${name})
      case "$previous" in
${[...values, '        *) ;;'].join('\n')}
      esac
      words="${all}" ;;`;
  });
  return `_pymem_lint() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}
complete -o filenames -F _pymem_lint pymem-lint
`;
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, description, options, arguments: words }) => [
    `complete -c pymem-lint -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
    ...options.map(({ names, description: text, takesValue, choices }) => {
      const flags = names.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const value = takesValue
        ? choices.length === 0
          ? ' -r'
          : ` -x -a ${quoted(choices.join(' '))}`
        : '';
      return `complete -c pymem-lint -n ${quoted(`__fish_seen_subcommand_from ${name}`)} ${flags.join(' ')}${value} -d ${quoted(text)}`;
    }),
    ...words.map(
      (word) =>
        `complete -c pymem-lint -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -f -a ${quoted(word)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
