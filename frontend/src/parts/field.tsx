// A labelled input that says what is wrong with it.

interface FieldProps {
  id: string;
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  type?: "text" | "email" | "search";
  required?: boolean;
  maxLength?: number;
  /** More than one line. */
  lines?: number;
  autocomplete?: string;
}

export function Field(props: FieldProps) {
  const { id, label, value, hint, error, lines, type = "text", required, maxLength, autocomplete } = props;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const shared = {
    id,
    value,
    required: required ?? false,
    "aria-invalid": error !== undefined,
    ...(described && { "aria-describedby": described }),
    ...(maxLength !== undefined && { maxLength }),
  };
  const listen = (event: { currentTarget: { value: string } }) => props.onInput(event.currentTarget.value);
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!required && type !== "search" && <span class="quiet"> (optional)</span>}
      </label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {lines ? (
        <textarea rows={lines} dir="auto" onInput={listen} {...shared} />
      ) : (
        <input type={type} dir={type === "email" ? "ltr" : "auto"} onInput={listen} autocomplete={autocomplete ?? "off"} {...shared} />
      )}
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
