import QtQuick
import "../theme"

// The code to keep the reference on a phone; beside the words, or above them where it is narrow.
Item {
    id: keep

    property string reference: ""
    property bool upright: false

    implicitHeight: upright ? code.height + Theme.mm(4) + words.height : Math.max(code.height, words.height)

    Rectangle {
        id: code

        color: "#FFFFFF"
        height: Theme.mm(keep.upright ? 62 : 46)
        width: height
        x: keep.upright ? -Theme.mm(5) : 0  // its quiet zone lines up with the words

        Image {
            Accessible.name: Words.text("received.code_say")
            Accessible.role: Accessible.Graphic
            anchors.fill: parent
            cache: false
            objectName: "received:code"
            smooth: false
            source: "image://photos/code?" + keep.reference
        }
    }
    Column {
        id: words

        spacing: Theme.mm(2)
        width: keep.width - x
        x: keep.upright ? 0 : code.width + Theme.mm(8)
        y: keep.upright ? code.height + Theme.mm(4) : Math.max(0, (keep.height - height) / 2)

        Label {
            bold: true
            text: Words.text("received.code_title")
            width: parent.width
        }
        Label {
            color: Theme.muted
            even: true
            size: Theme.smallText
            text: Words.text("received.code_help")
            width: parent.width
        }
    }
}
