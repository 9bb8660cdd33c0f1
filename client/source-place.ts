// Places of a path as VS Code names them.
import * as vscode from 'vscode';
import type { Span } from '../simulator/flagged-path.ts';

/** Two letters at least make a scheme: `C:\x.c` is a path. */
export function toUri(file: string): vscode.Uri {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(file) ? vscode.Uri.parse(file) : vscode.Uri.file(file);
}

/** Spans count from 1. */
export function toRange({ line, column, endLine, endColumn }: Span): vscode.Range {
  return new vscode.Range(fromOne(line), fromOne(column), fromOne(endLine), fromOne(endColumn));
}

function fromOne(value: number): number {
  return Math.max(0, value - 1);
}
