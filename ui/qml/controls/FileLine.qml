import QtQuick
import "../theme"

// A file that has arrived: its kind and size, never its name; and how to remove it.
Rectangle {
    id: line

    property var file: ({})
    property int number: 0
    readonly property string kind: ["picture", "video", "sound"].indexOf(file.kind) >= 0 ? file.kind : "document"
    readonly property int pad: Theme.mm(3)

    function sized(bytes: int): string {
        return bytes < 1000000 ? Math.max(1, Math.round(bytes / 1000)) + " kB" : (bytes / 1000000).toFixed(1) + " MB";
    }

    border.color: Theme.divider
    border.width: Theme.hairline
    color: Theme.surface
    implicitHeight: Math.max(remove.height, words.implicitHeight + 2 * pad) + 2 * pad
    radius: Theme.smallRadius

    Icon {
        id: picture

        anchors.verticalCenter: parent.verticalCenter
        colour: Theme.accent
        name: ({
                "document": "file-text",
                "picture": "image",
                "sound": "mic",
                "video": "video"
            })[line.kind]
        size: Theme.mm(11 * Theme.headGrowth)
        x: Theme.mm(5)
    }
    Label {
        id: words

        anchors.left: picture.right
        anchors.leftMargin: Theme.mm(4.4)
        anchors.right: remove.left
        anchors.rightMargin: Theme.mm(2)
        anchors.verticalCenter: parent.verticalCenter
        even: true
        size: Theme.supportText
        text: Words.fill("files." + line.kind, {
            "number": line.number
        }) + " · " + line.sized(line.file.size)
    }
    LinkButton {
        id: remove

        anchors.right: parent.right
        anchors.rightMargin: line.pad
        anchors.verticalCenter: parent.verticalCenter
        iconName: "trash-2"
        objectName: "delete_file:" + line.file.file_id
        say: Words.text("button.remove") + " " + words.text
        text: Words.text("button.remove")

        onAct: Bridge.visit.deleteFile(line.file.file_id)
    }
}
