import "../pickers"

// An entry of a long list.
ListedPicker {}
