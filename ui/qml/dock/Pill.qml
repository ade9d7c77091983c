import QtQuick
import "../controls"
import "../theme"

// A state in a word; its colour says only what the word says.
Rectangle {
    id: pill

    required property string mood
    required property string word
    readonly property color ink: mood === "good" ? Theme.success : mood === "fair" ? Theme.caution : mood === "bad" ? Theme.emergency : Theme.muted

    border.color: ink
    border.width: Theme.line
    color: Theme.surface
    height: label.height + Theme.mm(3)
    radius: height / 2
    width: label.width + Theme.mm(10)

    Label {
        id: label

        anchors.centerIn: parent
        bold: true
        color: pill.ink
        size: Theme.smallText
        text: pill.word
    }
}
