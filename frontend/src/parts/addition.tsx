// A form that waits to be opened. Once open it stays so until a person closes it: nothing that happens elsewhere takes it away.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

interface AdditionProps {
  words: string;
  /** Open from the start: something is typed already, or there is nothing else to do. */
  open: boolean;
  children: ComponentChildren;
}

export function Addition({ words, open, children }: AdditionProps) {
  const [isOpen, setOpen] = useState(open);
  useEffect(() => {
    if (open) setOpen(true);
  }, [open]);
  return (
    <details class="add" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words}</summary>
      {children}
    </details>
  );
}
