import QtQuick
import "../theme"

// A code to keep something on a phone; beside the words, or above them where it is narrow.
Item {
    id: keep

    property string title: Words.text("received.code_title")
    property string help: Words.text("received.code_help")
    property string say: Words.text("received.code_say")
    property bool upright: false

    implicitHeight: upright ? code.height + Theme.mm(4) + words.height : Math.max(code.height, words.height)

    Code {
        id: code

        height: Theme.mm(keep.upright ? 62 : 46)
        objectName: "received:code"
        say: keep.say
        x: keep.upright ? -Theme.mm(5) : 0  // its quiet zone lines up with the words
    }
    Column {
        id: words

        spacing: Theme.mm(2)
        width: keep.width - x
        x: keep.upright ? 0 : code.width + Theme.mm(8)
        y: keep.upright ? code.height + Theme.mm(4) : Math.max(0, (keep.height - height) / 2)

        Label {
            bold: true
            text: keep.title
            width: parent.width
        }
        Label {
            color: Theme.muted
            even: true
            size: Theme.smallText
            text: keep.help
            width: parent.width
        }
    }
}
