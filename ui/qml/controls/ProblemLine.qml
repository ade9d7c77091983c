import "../theme"

// What is wrong, beside the field, and how to mend it.
MessageLine {
    color: Theme.cautionSoft
    edge: Theme.caution
    iconName: "triangle-alert"
    ink: Theme.contrast ? Theme.text : Theme.caution
}
