import QtQuick
import "../controls"
import "../theme"
import "Health.js" as Health

// Red, amber or green, with an icon that says the same.
Rectangle {
    id: mark

    property string health: "works"
    property int size: Theme.mm(13)
    readonly property color ink: health === "mend" ? Theme.emergency : health === "watch" ? Theme.caution : Theme.success

    color: ink
    height: size
    radius: size / 2
    width: size

    Icon {
        anchors.centerIn: parent
        colour: Theme.contrast ? "#000000" : "#FFFFFF"
        name: Health.iconOf(mark.health)
        size: mark.size * 0.6
    }
}
