import QtQuick
import "../theme"

// One of `ui/assets/icons`, in a colour of the theme. Always beside words, so it has no name of its own.
Image {
    id: icon

    property string name: ""
    property color colour: Theme.text
    property int size: Theme.icon

    Accessible.ignored: true
    height: size
    source: name === "" ? "" : "image://icons/" + name + "/" + colour.toString().slice(-6)
    sourceSize.height: size
    sourceSize.width: size
    width: size
}
